import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { git, identity, isCommitId, type Person, tryAbout, tryGit } from './run.ts';

export const ZERO_SHA = '0'.repeat(40);

/** Makes an empty bare repository that answers smart HTTP and asks our pre-receive hook. */
export async function initRepository(
  repository: string,
  defaultBranch: string,
  hooksDir: string,
): Promise<void> {
  await mkdir(repository, { recursive: true });
  await git(repository, ['init', '--bare', '--quiet', `--initial-branch=${defaultBranch}`]);
  await configure(repository, hooksDir);
}

/** A fork: a repository of its own that begins with all branches and tags of another. */
export async function forkRepository(from: string, to: string, hooksDir: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const head = await git(from, ['symbolic-ref', '--short', 'HEAD']);
  await git(to, ['init', '--bare', '--quiet', `--initial-branch=${head}`]);
  await git(to, ['fetch', '--quiet', from, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']);
  await configure(to, hooksDir);
}

async function configure(repository: string, hooksDir: string): Promise<void> {
  const settings = `
[http]
  receivepack = true
[uploadpack]
  allowAnySHA1InWant = true
  allowFilter = true
[core]
  hooksPath = ${JSON.stringify(hooksDir)}
[gc]
  auto = 0
[receive]
  # A pushed ref outside branches and tags is GitLab's own business.
  hideRefs = refs/merge-requests
`;
  await appendFile(path.join(repository, 'config'), settings);
}

/** The object a name stands for (tags peeled to their commit), or undefined. */
export async function resolveCommit(repository: string, rev: string): Promise<string | undefined> {
  if (rev.startsWith('-')) return undefined;
  return tryAbout(repository, [rev], ['rev-parse', '--verify', '--quiet', `${rev}^{commit}`]);
}

export async function branchHead(repository: string, branch: string): Promise<string | undefined> {
  // Asked for more often than anything else, and nearly always a file; what is none, git tells.
  const file = path.join(repository, 'refs/heads', branch);
  const sha = branch.includes('..') ? '' : (await readFile(file, 'utf8').catch(() => '')).trim();
  if (isCommitId(sha)) return sha;
  return resolveCommit(repository, `refs/heads/${branch}`);
}

export async function updateRef(
  repository: string,
  ref: string,
  sha: string,
  expected?: string,
): Promise<void> {
  await git(repository, ['update-ref', ref, sha, ...(expected === undefined ? [] : [expected])]);
}

export async function deleteRef(repository: string, ref: string): Promise<void> {
  await git(repository, ['update-ref', '-d', ref]);
}

export async function isAncestor(repository: string, ancestor: string, descendant: string): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', ancestor, descendant];
  return (await tryAbout(repository, [ancestor, descendant], args)) !== undefined;
}

export async function mergeBase(repository: string, one: string, other: string): Promise<string | undefined> {
  return tryAbout(repository, [one, other], ['merge-base', one, other]);
}

/** Branches and tags that contain a commit, or all of them. */
export async function refNames(
  repository: string,
  kind: 'heads' | 'tags',
  containing?: string,
): Promise<string[]> {
  const filter = containing === undefined ? [] : ['--contains', containing];
  const text = await tryGit(repository, ['for-each-ref', '--format=%(refname)', ...filter, `refs/${kind}/`]);
  return (text ?? '').split('\n').flatMap((ref) => (ref === '' ? [] : [ref.slice(`refs/${kind}/`.length)]));
}

/**
 * Writes a commit made of `files` (path → content, null removes) on top of a branch and moves the branch.
 * Needs no work tree: a private index file is filled from the parent.
 */
export async function commitFiles(
  repository: string,
  branch: string,
  files: Record<string, string | null>,
  message: string,
  author: Person,
): Promise<string> {
  const parent = await branchHead(repository, branch);
  const index = path.join(repository, `index-${randomUUID()}`);
  const env = { GIT_INDEX_FILE: index, ...identity(author) };
  try {
    if (parent !== undefined) await git(repository, ['read-tree', parent], { env });
    const lines: string[] = [];
    for (const [file, content] of Object.entries(files)) {
      if (content === null) {
        lines.push(`0 ${ZERO_SHA}\t${file}`);
        continue;
      }
      const blob = await git(repository, ['hash-object', '-w', '--stdin'], { input: content });
      lines.push(`100644 ${blob}\t${file}`);
    }
    await git(repository, ['update-index', '--index-info'], { env, input: `${lines.join('\n')}\n` });
    const tree = await git(repository, ['write-tree'], { env });
    const parents = parent === undefined ? [] : ['-p', parent];
    const sha = await git(repository, ['commit-tree', tree, ...parents], { env, input: message });
    await updateRef(repository, `refs/heads/${branch}`, sha, parent ?? ZERO_SHA);
    return sha;
  } finally {
    await rm(index, { force: true });
  }
}
