import { apiError, methodNotAllowed, unauthorized } from './errors.ts';
import { mergedTree, rebased, writeCommit } from './git/merging.ts';
import { branchHead, deleteRef, isAncestor, updateRef, ZERO_SHA } from './git/repository.ts';
import { git, type Person } from './git/run.ts';
import { blockedBeforeMerge, ciObstacle, computeMergeability } from './merge-status.ts';
import type { MergeOptions, MergeRequest, Project, User } from './model.ts';
import { headPipeline } from './pipelines.ts';
import { isProtectedBranch, mayMergeInto, mayPushBranch } from './protected-refs.ts';
import { markMerged, recordPush } from './pushes.ts';
import { mergeRequestUrl, projectPath, sourceProject, targetProject, userById, type World } from './world.ts';

export interface MergeCall extends MergeOptions {
  sha?: string | undefined;
  autoMerge?: boolean | undefined;
}

/**
 * `PUT /merge`, with the refusals of GitLab's `lib/api/merge_requests.rb` in its order: 401 may not merge, 405 not in a
 * state to be merged, 422 conflict or rebase needed, 409 another head than the caller saw.
 */
export async function acceptMergeRequest(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  call: MergeCall,
) {
  const project = targetProject(world, mergeRequest);
  if (!mayMergeInto(world, project, user.id, mergeRequest.targetBranch)) throw unauthorized();
  const ciBlocks = ciObstacle(world, mergeRequest) !== undefined;
  const pipeline = headPipeline(world, mergeRequest)?.pipeline.status;
  const active = pipeline !== undefined && ['created', 'pending', 'running'].includes(pipeline);
  const automatic = call.autoMerge === true && active;
  if (blockedBeforeMerge(world, mergeRequest) !== undefined) throw methodNotAllowed();
  if (!automatic && ciBlocks) throw methodNotAllowed();
  await computeMergeability(world, mergeRequest);
  if (mergeRequest.mergeStatus === 'cannot_be_merged' || mergeRequest.rebaseNeeded) {
    throw apiError(422, 'Branch cannot be merged');
  }
  requireHead(mergeRequest, call.sha);
  if (automatic) {
    mergeRequest.autoMerge = { userId: user.id, sha: mergeRequest.sha, options: call };
    return;
  }
  await performMerge(world, mergeRequest, user, call);
}

/** 409 unless the caller names the present head; naming none is allowed. */
export function requireHead(mergeRequest: MergeRequest, sha: string | undefined): void {
  if (sha === undefined || sha === mergeRequest.sha) return;
  throw apiError(409, `SHA does not match HEAD of source branch: ${mergeRequest.sha}`);
}

/** Merges what was set to merge when its pipeline succeeds, now that the pipeline has moved on. */
export async function continueAutoMerge(world: World, mergeRequest: MergeRequest): Promise<void> {
  const wish = mergeRequest.autoMerge;
  if (wish === null || wish.sha !== mergeRequest.sha) return;
  if (headPipeline(world, mergeRequest)?.pipeline.status !== 'success') return;
  if (blockedBeforeMerge(world, mergeRequest) !== undefined) return;
  await computeMergeability(world, mergeRequest);
  if (mergeRequest.mergeStatus !== 'can_be_merged' || mergeRequest.rebaseNeeded) return;
  await performMerge(world, mergeRequest, userById(world, wish.userId), wish.options);
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

async function performMerge(world: World, mergeRequest: MergeRequest, user: User, options: MergeOptions) {
  const project = targetProject(world, mergeRequest);
  const ref = `refs/heads/${mergeRequest.targetBranch}`;
  const before = await branchHead(project.repository, mergeRequest.targetBranch);
  if (before === undefined) throw apiError(422, 'Branch cannot be merged');
  // From here on nobody else may merge it: GitLab locks the row likewise.
  mergeRequest.state = 'locked';
  try {
    const { head, mergeCommit } = await writeMerge(world, project, mergeRequest, user, options, before);
    await updateRef(project.repository, ref, head, before);
    await markMerged(world, mergeRequest, user, mergeCommit);
    await recordPush(world, project, user, [{ ref, before, after: head }]);
    await removeSource(world, mergeRequest, user, options);
  } catch (error) {
    if (mergeRequest.state === 'locked') mergeRequest.state = 'opened';
    throw error;
  }
}

async function writeMerge(
  world: World,
  project: Project,
  mergeRequest: MergeRequest,
  user: User,
  options: MergeOptions,
  target: string,
) {
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
  await deleteRef(source.repository, ref);
  await recordPush(world, source, user, [{ ref, before, after: ZERO_SHA }]);
}
