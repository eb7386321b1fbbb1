import { join } from 'node:path';
import { Fault } from '#domain/fault.ts';
import type { Commit, ReadSourceFacts, RootModules, Source, SourceFacts } from '#app/ports/source.ts';
import { extractTree } from './extract-tree.ts';
import { runGit } from './git-command.ts';
import type { GitSettings } from './git-command.ts';
import { listRoots } from './list-roots.ts';
import { openMirror, requireSha } from './mirror.ts';
import type { Mirror, Remote } from './mirror.ts';
import { readTree } from './read-tree.ts';

export interface GitSourceOptions extends Partial<GitSettings> {
  /** Folder of the mirrors, private to the service. */
  mirrors: string;
  /** Asked before each fetch, so that credentials may be short-lived. */
  remote(repository: number): Promise<Remote>;
  readFacts: ReadSourceFacts;
}

/** Reads repositories through bare mirrors, with git itself. */
export function createGitSource(options: GitSourceOptions): Source & RootModules {
  const settings: GitSettings = {
    path: options.path ?? '/usr/local/bin:/usr/bin:/bin',
    protocols: options.protocols ?? ['http', 'https'],
    timeoutMs: options.timeoutMs ?? 120_000,
  };
  const mirrors = new Map<number, Promise<Mirror>>();
  const cache = new Map<string, SourceFacts>();

  function mirror(repository: number): Promise<Mirror> {
    const known = mirrors.get(repository);
    if (known !== undefined) return known;
    const gitDir = join(options.mirrors, `${Math.trunc(repository)}.git`);
    const opened = openMirror(settings, gitDir, () => options.remote(repository));
    mirrors.set(repository, opened);
    // A failure, such as a full disk, must not be remembered.
    opened.catch(() => mirrors.delete(repository));
    return opened;
  }

  async function git(repository: number, args: readonly string[]): Promise<string> {
    const { gitDir } = await mirror(repository);
    return (await runGit(settings, args, { gitDir })).toString('utf8');
  }

  return {
    async fetch(repository, shas) {
      await (await mirror(repository)).fetch(shas);
    },

    async mergeBase(repository, a, b) {
      const output = await git(repository, ['merge-base', '--all', requireSha(a), requireSha(b)]).catch(
        noOutput,
      );
      return output.split('\n').find((line) => line !== '');
    },

    async changedPaths(repository, base, head) {
      const range = `${requireSha(base)}...${requireSha(head)}`;
      const output = await git(repository, ['diff', '--name-only', '--no-renames', '-z', range, '--']);
      return output.split('\0').filter((path) => path !== '');
    },

    async commits(repository, base, head) {
      const range = `${requireSha(base)}..${requireSha(head)}`;
      const format = '--format=%H%x00%an%x00%ae%x00%cn%x00%ce%x00%s';
      const output = await git(repository, ['log', '--reverse', '--topo-order', '-z', format, range, '--']);
      return readCommits(output);
    },

    async readFile(repository, sha, path) {
      const { gitDir } = await mirror(repository);
      const [entry] = await readTree(settings, gitDir, requireSha(sha), [path], { recursive: false });
      if (entry?.kind !== 'blob' || entry.path !== path) return undefined;
      if (entry.size > largestFile)
        throw new Fault('file-too-large', `${path} has ${entry.size} bytes`, { retryable: false });
      return (await runGit(settings, ['cat-file', 'blob', entry.id], { gitDir })).toString('utf8');
    },

    async pathIds(repository, sha, paths) {
      const { gitDir } = await mirror(repository);
      if (paths.some((path) => path.includes('\n')))
        throw new Fault('bad-path', 'A path has a line break', { retryable: false });
      const names = paths.map((path) =>
        path === '.' ? `${requireSha(sha)}^{tree}` : `${requireSha(sha)}:${path}`,
      );
      const args = ['cat-file', '--batch-check=%(objectname)'];
      const output = (await runGit(settings, args, { gitDir, input: `${names.join('\n')}\n` })).toString(
        'utf8',
      );
      const ids = output.split('\n');
      // What does not exist is answered with its name and "missing".
      return paths.map((path, index) => ({ path, id: /^[0-9a-f]{40,64}$/u.exec(ids[index] ?? '')?.[0] }));
    },

    async materialize(repository, sha, dirs, target) {
      const { gitDir } = await mirror(repository);
      await extractTree(settings, gitDir, requireSha(sha), dirs, target);
    },

    async listRoots(repository, sha) {
      const { gitDir } = await mirror(repository);
      return listRoots(settings, gitDir, requireSha(sha), { read: options.readFacts, cache });
    },
  };
}

const largestFile = 1024 * 1024;

/** `git merge-base` says "there is none" with exit code 1 and no message. */
function noOutput(error: unknown): string {
  if (error instanceof Fault && error.code === 'git-failed' && error.message.includes('exit code 1'))
    return '';
  throw error;
}

function readCommits(output: string): Commit[] {
  const fields = output.split('\0');
  const commits: Commit[] = [];
  for (let at = 0; at + 6 <= fields.length; at += 6) {
    const [
      sha = '',
      authorName = '',
      authorEmail = '',
      committerName = '',
      committerEmail = '',
      subject = '',
    ] = fields.slice(at, at + 6);
    commits.push({ sha, authorName, authorEmail, committerName, committerEmail, subject });
  }
  return commits;
}
