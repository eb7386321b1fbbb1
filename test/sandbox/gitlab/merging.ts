import { apiError } from './errors.ts';
import { mergedTree, rebased, writeCommit } from './git/merging.ts';
import { branchHead, deleteRef, isAncestor, updateRef, ZERO_SHA } from './git/repository.ts';
import { git, type Person } from './git/run.ts';
import { changeTarget } from './merge-request-changes.ts';
import type { MergeOptions, MergeRequest, MergeResult, Project, User } from './model.ts';
import { isProtectedBranch, mayPushBranch } from './protected-refs.ts';
import { markMerged, recordPush } from './pushes.ts';
import { mergeRequestUrl, projectPath, sourceProject, targetProject, userById, type World } from './world.ts';

/** 409 unless the caller names the present head; naming none is allowed. */
export function requireHead(mergeRequest: MergeRequest, sha: string | undefined): void {
  if (sha === undefined || sha === mergeRequest.sha) return;
  throw apiError(409, `SHA does not match HEAD of source branch: ${mergeRequest.sha}`);
}

/** Rebases the source branch onto the target in the background; the outcome shows on the merge request. */
export async function rebaseMergeRequest(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
): Promise<void> {
  try {
    const project = targetProject(world, mergeRequest);
    const source = sourceProject(world, mergeRequest);
    const onto = await branchHead(project.repository, mergeRequest.targetBranch);
    if (source === undefined || onto === undefined) return;
    const head = await rebased(project.repository, mergeRequest.sha, onto, person(user));
    if (head === undefined) {
      mergeRequest.mergeError = 'Rebase failed. Please rebase locally';
      return;
    }
    const before = mergeRequest.sha;
    mergeRequest.mergeError = null;
    if (head === before) return;
    if (source !== project) await git(source.repository, ['fetch', '--quiet', project.repository, head]);
    const ref = `refs/heads/${mergeRequest.sourceBranch}`;
    await updateRef(source.repository, ref, head, before);
    await recordPush(world, source, user, [{ ref, before, after: head }]);
  } finally {
    mergeRequest.rebaseInProgress = false;
  }
}

export function person(user: User): Person {
  return { name: user.name, email: user.email };
}

/** Merges at once. */
export async function performMerge(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  options: MergeOptions,
) {
  const project = targetProject(world, mergeRequest);
  const before = await branchHead(project.repository, mergeRequest.targetBranch);
  if (before === undefined) throw apiError(422, 'Branch cannot be merged');
  const result = await writeMerge(world, project, mergeRequest, user, options, before);
  await finishMerge(world, mergeRequest, user, options, { before, ...result });
}

/** Moves the target branch to the commits made for the merge; fails when somebody else has moved it meanwhile. */
export async function finishMerge(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  options: MergeOptions,
  { before, head, mergeCommit }: MergeResult & { before: string },
): Promise<void> {
  const project = targetProject(world, mergeRequest);
  const ref = `refs/heads/${mergeRequest.targetBranch}`;
  // From here on nobody else may merge it: GitLab locks the row likewise.
  mergeRequest.state = 'locked';
  try {
    await updateRef(project.repository, ref, head, before);
    await markMerged(world, mergeRequest, user, mergeCommit);
    await recordPush(world, project, user, [{ ref, before, after: head }]);
    await removeSource(world, mergeRequest, user, options);
  } catch (error) {
    if (mergeRequest.state === 'locked') mergeRequest.state = 'opened';
    throw error;
  }
}

/** Makes the commits of a merge; no branch moves. */
export async function writeMerge(
  world: World,
  project: Project,
  mergeRequest: MergeRequest,
  user: User,
  options: MergeOptions,
  target: string,
): Promise<MergeResult> {
  const tree = await mergedTree(project.repository, target, mergeRequest.sha);
  if (tree === undefined) throw apiError(422, 'Branch cannot be merged');
  let head = mergeRequest.sha;
  if (options.squash ?? mergeRequest.squash) {
    const message = options.squashCommitMessage ?? mergeRequest.title;
    const author = person(userById(world, mergeRequest.authorId));
    head = await writeCommit(project.repository, tree, [target], message, author);
    mergeRequest.squashCommitSha = head;
  }
  const fastForward =
    project.settings.mergeMethod === 'ff' && (await isAncestor(project.repository, target, head));
  if (fastForward) return { head, mergeCommit: null };
  const message = options.mergeCommitMessage ?? defaultMessage(world, project, mergeRequest);
  const mergeCommit = await writeCommit(project.repository, tree, [target, head], message, person(user));
  return { head: mergeCommit, mergeCommit };
}

function defaultMessage(world: World, project: Project, mergeRequest: MergeRequest): string {
  const branches = `Merge branch '${mergeRequest.sourceBranch}' into '${mergeRequest.targetBranch}'`;
  const reference = `${projectPath(project)}!${mergeRequest.iid}`;
  return `${branches}\n\n${mergeRequest.title}\n\nSee merge request ${reference}\n\n${mergeRequestUrl(world, mergeRequest)}\n`;
}

async function removeSource(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  options: MergeOptions,
): Promise<void> {
  const source = sourceProject(world, mergeRequest);
  const wanted = options.shouldRemoveSourceBranch ?? mergeRequest.removeSourceBranch;
  if (!wanted || source === undefined || isProtectedBranch(source, mergeRequest.sourceBranch)) return;
  if (source.defaultBranch === mergeRequest.sourceBranch) return;
  if (!mayPushBranch(world, source, user.id, mergeRequest.sourceBranch)) return;
  const ref = `refs/heads/${mergeRequest.sourceBranch}`;
  const before = await branchHead(source.repository, mergeRequest.sourceBranch);
  if (before === undefined) return;
  await retargetStacked(world, source, mergeRequest, user);
  await deleteRef(source.repository, ref);
  await recordPush(world, source, user, [{ ref, before, after: ZERO_SHA }]);
}

/** What was stacked on a merged branch goes for that branch's target from now on; four at most. */
async function retargetStacked(
  world: World,
  project: Project,
  merged: MergeRequest,
  user: User,
): Promise<void> {
  const stacked = project.mergeRequests.filter(
    (one) => one.state === 'opened' && one.targetBranch === merged.sourceBranch && one !== merged,
  );
  for (const one of stacked.slice(0, 4)) await changeTarget(world, one, user, merged.targetBranch);
}
