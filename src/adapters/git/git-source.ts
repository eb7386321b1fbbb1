import { join } from 'node:path';
import { Fault } from '#domain/fault.ts';
import { liesIn } from '#domain/path-match.ts';
import type {
  Commit,
  ReadSourceFacts,
  RootModule,
  RootModules,
  Source,
  SourceFacts,
  SourceFile,
} from '#app/ports/source.ts';
import { remembering, sharing, together } from './answers.ts';
import { extractTree } from './extract-tree.ts';
import { runGit } from './git-command.ts';
import type { GitSettings } from './git-command.ts';
import { listRoots } from './list-roots.ts';
import { openMirror, requireSha } from './mirror.ts';
import type { Mirror, Remote } from './mirror.ts';
import { readTree, type TreeEntry } from './read-tree.ts';

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
  const fetching = sharing<void>();
  // Two commits have what they have: a hundred projects of one change ask the same, seconds apart.
  const mergeBases = remembering<string | undefined>(1_000);
  const differences = remembering<string[]>(100);
  const roots = remembering<RootModule[]>(5);
  const trees = remembering<TreeEntry[]>(2);

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

  async function mergeBase(repository: number, a: string, b: string): Promise<string | undefined> {
    const args = ['merge-base', '--all', requireSha(a), requireSha(b)];
    const output = await git(repository, args).catch(noOutput);
    return output.split('\n').find((line) => line !== '');
  }

  /** The same, asked once. */
  function knownMergeBase(repository: number, a: string, b: string): Promise<string | undefined> {
    return mergeBases(`${repository} ${a} ${b}`, () => mergeBase(repository, a, b));
  }

  async function changedPaths(repository: number, base: string, head: string): Promise<string[]> {
    const range = `${requireSha(base)}...${requireSha(head)}`;
    const output = await git(repository, ['diff', '--name-only', '--no-renames', '-z', range, '--']);
    return output.split('\0').filter((path) => path !== '');
  }

  /** Everything in the commit: what many projects of one change look into, one after another. */
  function wholeTree(repository: number, sha: string): Promise<TreeEntry[]> {
    return trees(`${repository} ${sha}`, async () => {
      const { gitDir } = await mirror(repository);
      return readTree(settings, gitDir, requireSha(sha), [], { recursive: true });
    });
  }

  /** Git's id of each `<commit>:<path>`; what does not exist is answered with its name and "missing". */
  async function objectIds(repository: number, names: readonly string[]): Promise<(string | undefined)[]> {
    const { gitDir } = await mirror(repository);
    const args = ['cat-file', '--batch-check=%(objectname)'];
    const output = await runGit(settings, args, { gitDir, input: `${names.join('\n')}\n` });
    const ids = output.toString('utf8').split('\n');
    return names.map((_, index) => /^[0-9a-f]{40,64}$/u.exec(ids[index] ?? '')?.[0]);
  }

  const askers = new Map<number, (name: string) => Promise<string | undefined>>();
  function objectId(repository: number, name: string): Promise<string | undefined> {
    const ask =
      askers.get(repository) ?? together((names: readonly string[]) => objectIds(repository, names));
    askers.set(repository, ask);
    return ask(name);
  }

  return {
    fetch: (repository, shas) =>
      fetching(`${repository} ${shas.join(' ')}`, async () => (await mirror(repository)).fetch(shas)),

    mergeBase: knownMergeBase,

    async contains(repository, head, commit) {
      const known = await objectId(repository, `${requireSha(commit)}^{commit}`);
      return known !== undefined && (await knownMergeBase(repository, head, commit)) === commit;
    },

    changedPaths: (repository, base, head) =>
      differences(`${repository} ${base} ${head}`, () => changedPaths(repository, base, head)),

    async commits(repository, base, head, paths = []) {
      const range = `${requireSha(base)}..${requireSha(head)}`;
      const format = '--format=%H%x00%an%x00%ae%x00%cn%x00%ce%x00%s';
      const output = await git(repository, [
        'log',
        '--reverse',
        '--topo-order',
        '-z',
        format,
        range,
        '--',
        ...paths,
      ]);
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

    async files(repository, sha, paths) {
      const tree = await wholeTree(repository, sha);
      return tree.flatMap(({ id, kind, mode, path, size }) => {
        if (kind !== 'blob' || !paths.some((each) => liesIn(path, each))) return [];
        return [{ path, id, size, kind: KINDS[mode] ?? 'file' }];
      });
    },

    async blob(repository, { id, path, size }) {
      if (size > largestFile)
        throw new Fault('file-too-large', `${path} has ${size} bytes`, { retryable: false });
      const { gitDir } = await mirror(repository);
      return runGit(settings, ['cat-file', 'blob', requireSha(id)], { gitDir });
    },

    async listFiles(repository, sha, dir) {
      const { gitDir } = await mirror(repository);
      const paths = dir === '.' ? [] : [`${dir}/`];
      const entries = await readTree(settings, gitDir, requireSha(sha), paths, { recursive: false });
      return entries.flatMap(({ kind, mode, path }) => (kind === 'blob' && mode !== '120000' ? [path] : []));
    },

    async pathIds(repository, sha, paths) {
      if (paths.some((path) => path.includes('\n')))
        throw new Fault('bad-path', 'A path has a line break', { retryable: false });
      const tree = requireSha(sha);
      return Promise.all(
        paths.map(async (path) => ({
          path,
          id: await objectId(repository, path === '.' ? `${tree}^{tree}` : `${tree}:${path}`),
        })),
      );
    },

    async materialize(repository, sha, dirs, target) {
      const { gitDir } = await mirror(repository);
      const tree = await wholeTree(repository, sha);
      await extractTree(settings, gitDir, { sha, tree }, dirs, target);
    },

    listRoots: (repository, sha) =>
      roots(`${repository} ${sha}`, async () => {
        const { gitDir } = await mirror(repository);
        const tree = await wholeTree(repository, sha);
        return listRoots(settings, gitDir, { sha, tree }, { read: options.readFacts, cache });
      }),
  };
}

const largestFile = 1024 * 1024;

const KINDS: Readonly<Record<string, SourceFile['kind']>> = { '100755': 'executable', '120000': 'link' };

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
