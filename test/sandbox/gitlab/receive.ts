import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ZERO_SHA } from './git/repository.ts';
import { tryGit } from './git/run.ts';
import { LEVEL, type Project, type User } from './model.ts';
import {
  allowsForcePush,
  isProtectedBranch,
  isProtectedTag,
  mayCreateTag,
  mayPushBranch,
} from './protected-refs.ts';
import type { RefUpdate } from './pushes.ts';
import { accessLevel, type World } from './world.ts';

/**
 * The pre-receive hook of every repository. What is allowed was decided by the server before git started and arrives in
 * the environment; only "is this a forced push" needs the pushed objects, which exist inside the hook alone.
 */
const PRE_RECEIVE = `#!/bin/sh
if [ -n "$SANDBOX_REFUSAL" ]; then
  echo "GitLab: $SANDBOX_REFUSAL" >&2
  exit 1
fi
while read -r old new ref; do
  case " $SANDBOX_NO_FORCE " in
    *" $ref "*)
      if ! git merge-base --is-ancestor "$old" "$new"; then
        echo "GitLab: You are not allowed to force push code to a protected branch on this project." >&2
        exit 1
      fi ;;
  esac
done
exit 0
`;

/** Writes the hooks folder that all repositories share and returns it. */
export async function writeGitHooks(dir: string): Promise<string> {
  const hooks = path.join(dir, 'git-hooks');
  await mkdir(hooks, { recursive: true });
  await writeFile(path.join(hooks, 'pre-receive'), PRE_RECEIVE, { mode: 0o755 });
  return hooks;
}

/** The ref updates a push asks for: the pkt-lines before the first flush of a `git-receive-pack` body. */
export function parseCommands(body: Buffer): RefUpdate[] {
  const updates: RefUpdate[] = [];
  let at = 0;
  while (at + 4 <= body.length) {
    const length = Number.parseInt(body.subarray(at, at + 4).toString('latin1'), 16);
    if (!(length > 4)) break;
    const line = body.subarray(at + 4, at + length).toString('utf8');
    const match = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0\n]+)/.exec(line);
    if (match !== null) updates.push({ before: match[1] ?? '', after: match[2] ?? '', ref: match[3] ?? '' });
    at += length;
  }
  return updates;
}

/** The first reason, in GitLab's words, why this push is refused; one refused ref refuses the whole push. */
export async function refusalFor(
  world: World,
  project: Project,
  user: User,
  updates: RefUpdate[],
): Promise<string | undefined> {
  for (const update of updates) {
    const reason = update.ref.startsWith('refs/tags/')
      ? tagRefusal(world, project, user, update)
      : await branchRefusal(world, project, user, update);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Protected branches that this push updates and that may only go forward. */
export function refsWithoutForce(project: Project, updates: RefUpdate[]): string[] {
  return updates
    .filter(
      (update) =>
        update.ref.startsWith('refs/heads/') && update.before !== ZERO_SHA && update.after !== ZERO_SHA,
    )
    .filter((update) => !allowsForcePush(project, update.ref.slice('refs/heads/'.length)))
    .map((update) => update.ref);
}

function tagRefusal(world: World, project: Project, user: User, update: RefUpdate): string | undefined {
  const tag = update.ref.slice('refs/tags/'.length);
  const guarded = isProtectedTag(project, tag);
  if (update.before === ZERO_SHA) {
    return mayCreateTag(world, project, user.id, tag)
      ? undefined
      : 'You are not allowed to create this tag as it is protected.';
  }
  if (update.after === ZERO_SHA) {
    return guarded ? 'You can only delete protected tags using the web interface.' : undefined;
  }
  if (guarded) return 'Protected tags cannot be updated.';
  return accessLevel(world, project, user.id) >= LEVEL.maintainer
    ? undefined
    : 'You are not allowed to change existing tags on this project.';
}

async function branchRefusal(world: World, project: Project, user: User, update: RefUpdate) {
  if (!update.ref.startsWith('refs/heads/')) return undefined;
  const branch = update.ref.slice('refs/heads/'.length);
  const removing = update.after === ZERO_SHA;
  if (removing && branch === project.defaultBranch)
    return 'The default branch of a project cannot be deleted.';
  if (removing && isProtectedBranch(project, branch)) {
    return 'You can only delete protected branches using the web interface.';
  }
  if (mayPushBranch(world, project, user.id, branch)) return undefined;
  const empty =
    (await tryGit(project.repository, ['rev-parse', '--verify', '--quiet', 'HEAD'])) === undefined;
  if (empty && accessLevel(world, project, user.id) >= LEVEL.maintainer) return undefined;
  return 'You are not allowed to push code to protected branches on this project.';
}
