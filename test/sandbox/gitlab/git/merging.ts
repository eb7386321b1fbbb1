import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { askAbout, git, identity, type Person, run } from './run.ts';

/** The tree that a merge of two commits would give, or undefined when they conflict. */
export async function mergedTree(
  repository: string,
  ours: string,
  theirs: string,
): Promise<string | undefined> {
  const result = await askAbout(repository, [ours, theirs], ['merge-tree', '--write-tree', ours, theirs]);
  if (result.exitCode === 0) return result.stdout.split('\n')[0];
  if (result.exitCode === 1) return undefined;
  throw new Error(`git merge-tree: ${result.stderr}`);
}

/** Writes a commit object; no ref moves. */
export async function writeCommit(
  repository: string,
  tree: string,
  parents: string[],
  message: string,
  author: Person,
): Promise<string> {
  const flags = parents.flatMap((parent) => ['-p', parent]);
  return git(repository, ['commit-tree', tree, ...flags], { env: identity(author), input: message });
}

/** Replays the commits of a branch on top of another in a throw-away work tree; undefined when they conflict. */
export async function rebased(
  repository: string,
  head: string,
  onto: string,
  committer: Person,
): Promise<string | undefined> {
  const tree = path.join(repository, `rebase-${randomUUID()}`);
  const env = { GIT_COMMITTER_NAME: committer.name, GIT_COMMITTER_EMAIL: committer.email };
  await git(repository, ['worktree', 'add', '--quiet', '--detach', tree, head]);
  try {
    const result = await run(repository, ['rebase', '--quiet', onto], { cwd: tree, env });
    return result.exitCode === 0 ? await git(repository, ['rev-parse', 'HEAD'], { cwd: tree }) : undefined;
  } finally {
    await git(repository, ['worktree', 'remove', '--force', tree]);
  }
}
