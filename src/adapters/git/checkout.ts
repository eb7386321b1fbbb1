import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { ReadSourceFacts, RootModule, SourceFacts } from '#app/ports/source.ts';
import { type GitSettings, runGit } from './git-command.ts';
import { assembleRoots, isReadPath, listRoots } from './list-roots.ts';
import { readTree } from './read-tree.ts';

/** Somebody's clone of a repository: its work tree as it lies there, or one of its commits. */
export interface Checkout {
  /** The folder of the work tree. */
  top: string;
  /** The text of a file, by its path from the root; undefined when there is none. */
  text(path: string): Promise<string | undefined>;
  /** Paths of the files directly in a folder. */
  list(dir: string): Promise<string[]>;
  roots(): Promise<RootModule[]>;
}

const SETTINGS: GitSettings = { path: '/usr/local/bin:/usr/bin:/bin', protocols: [], timeoutMs: 60_000 };

/**
 * Opens the clone that a folder lies in. Without `ref` it is what lies in the work tree, new files included and ignored
 * ones not. Fault `git-failed` when it is no clone, or has no such commit.
 */
export async function openCheckout(
  folder: string,
  readFacts: ReadSourceFacts,
  ref?: string,
): Promise<Checkout> {
  const ask = async (...args: string[]) =>
    (await runGit(SETTINGS, ['-C', folder, ...args])).toString('utf8').trim();
  const top = await ask('rev-parse', '--show-toplevel');
  if (ref === undefined) return workTree(top, readFacts);
  const gitDir = await ask('rev-parse', '--absolute-git-dir');
  const sha = await ask('rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`);
  return commitOf(top, gitDir, sha, readFacts);
}

function commitOf(top: string, gitDir: string, sha: string, readFacts: ReadSourceFacts): Checkout {
  const entries = (path: string) => readTree(SETTINGS, gitDir, sha, [path], { recursive: false });
  return {
    top,
    async text(path) {
      const [entry] = await entries(path);
      if (entry?.kind !== 'blob' || entry.path !== path) return undefined;
      return (await runGit(SETTINGS, ['cat-file', 'blob', entry.id], { gitDir })).toString('utf8');
    },
    async list(dir) {
      return (await entries(`${dir}/`)).flatMap(({ kind, path }) => (kind === 'blob' ? [path] : []));
    },
    async roots() {
      const tree = await readTree(SETTINGS, gitDir, sha, [], { recursive: true });
      return listRoots(SETTINGS, gitDir, { sha, tree }, { read: readFacts, cache: new Map() });
    },
  };
}

function workTree(top: string, readFacts: ReadSourceFacts): Checkout {
  const text = async (path: string) => readFile(join(top, path), 'utf8').catch(() => undefined);
  const paths = async () => {
    const args = ['-C', top, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const output = (await runGit(SETTINGS, args)).toString('utf8');
    return [...new Set(output.split('\0').filter((path) => path !== ''))];
  };
  return {
    top,
    text,
    list: async (dir) => (await paths()).filter((path) => posix.dirname(path) === dir),
    async roots() {
      const known = new Map<string, SourceFacts>();
      for (const path of (await paths()).filter(isReadPath)) {
        const source = await text(path);
        if (source !== undefined) known.set(path, await readFacts(path, source));
      }
      // What lies in a work tree has no id of git's yet; its path stands for it.
      const sources = [...known.keys()].map((path) => ({ path, id: path }));
      return assembleRoots(sources, known, new Map());
    },
  };
}
