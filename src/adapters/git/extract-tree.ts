import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '#domain/fault.ts';
import { runGit } from './git-command.ts';
import type { GitSettings } from './git-command.ts';
import type { TreeEntry } from './read-tree.ts';

/** More than this is no Terraform project but an attempt to fill the disk. */
const largestTree = 1024 * 1024 * 1024;

/**
 * Writes the folders of the commit, of whose whole tree these are the entries, below `target`, as committed (see the mirror's attributes). Git itself writes them,
 * with an index of its own that is thrown away, and goes through no link on the way.
 */
export async function extractTree(
  settings: GitSettings,
  gitDir: string,
  { sha, tree }: { sha: string; tree: readonly TreeEntry[] },
  dirs: readonly string[],
  target: string,
): Promise<void> {
  const entries = tree.filter(({ path }) => dirs.some((dir) => dir === '.' || lies(path, dir)));
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (bytes > largestTree) throw fault('tree-too-large', `it has ${bytes} bytes`);
  const absent = dirs.filter((dir) => dir !== '.' && entries.every(({ path }) => !lies(path, dir)));
  if (absent.length > 0) throw fault('tree-missing', `there is no ${absent.join(', ')} in ${sha}`);
  if (entries.length === 0) return;

  const scratch = await mkdtemp(join(tmpdir(), 'countersign-index-'));
  try {
    const args = [
      '--work-tree',
      target,
      '-c',
      'core.bare=false',
      'checkout',
      '--quiet',
      '--force',
      sha,
      '--',
      ...dirs,
    ];
    await runGit(settings, args, { gitDir, indexFile: join(scratch, 'index') });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function lies(path: string, dir: string): boolean {
  return path === dir || path.startsWith(`${dir}/`);
}

function fault(code: string, message: string): Fault {
  return new Fault(code, `The work tree cannot be written: ${message}`, { retryable: false });
}
