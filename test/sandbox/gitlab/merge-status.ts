import { isDraft } from './draft.ts';
import { mergedTree } from './git/merging.ts';
import { branchHead, isAncestor } from './git/repository.ts';
import type { MergeRequest } from './model.ts';
import { headPipeline } from './pipelines.ts';
import { later, now, targetProject, type World } from './world.ts';

/**
 * Begins a mergeability check. GitLab answers such questions in the background: the merge request shows `preparing` (new)
 * or `checking` until the configured delay is over.
 */
export function beginMergeCheck(
  world: World,
  mergeRequest: MergeRequest,
  shown: 'preparing' | 'checking',
): void {
  mergeRequest.mergeStatus = shown;
  mergeRequest.mergeCheck += 1;
  const check = mergeRequest.mergeCheck;
  later(world, world.mergeStatusDelayMs, async () => {
    if (mergeRequest.mergeCheck === check) await computeMergeability(world, mergeRequest);
  });
}

/** Called when the target branch moved: the old answer is void, and the next reader starts a new check. */
export function forgetMergeability(mergeRequest: MergeRequest): void {
  mergeRequest.mergeCheck += 1;
  if (mergeRequest.mergeStatus !== 'preparing') mergeRequest.mergeStatus = 'unchecked';
}

/** Asks real git whether the branches merge, at once: what the merge call itself does before merging. */
export async function computeMergeability(world: World, mergeRequest: MergeRequest): Promise<void> {
  const check = mergeRequest.mergeCheck;
  const project = targetProject(world, mergeRequest);
  const target = await branchHead(project.repository, mergeRequest.targetBranch);
  const mergeable =
    target !== undefined && (await mergedTree(project.repository, target, mergeRequest.sha)) !== undefined;
  const linear = project.settings.mergeMethod !== 'merge';
  const behind =
    linear && target !== undefined && !(await isAncestor(project.repository, target, mergeRequest.sha));
  if (mergeRequest.mergeCheck !== check) return;
  mergeRequest.preparedAt ??= now();
  mergeRequest.rebaseNeeded = behind;
  mergeRequest.mergeStatus = mergeable ? 'can_be_merged' : 'cannot_be_merged';
}

/** The deprecated `merge_status`. */
export function publicMergeStatus(mergeRequest: MergeRequest): string {
  const hidden = ['preparing', 'cannot_be_merged_recheck'];
  return hidden.includes(mergeRequest.mergeStatus) ? 'checking' : mergeRequest.mergeStatus;
}

/** GitLab's order: not evaluated yet, then the first check that fails, the pipeline last. */
export function detailedMergeStatus(world: World, mergeRequest: MergeRequest): string {
  const evaluating = evaluationState(mergeRequest);
  if (evaluating !== undefined) return evaluating;
  const blocked = blockedBeforeMerge(world, mergeRequest);
  if (blocked !== undefined) return blocked;
  if (mergeRequest.mergeStatus === 'cannot_be_merged') return 'conflict';
  if (mergeRequest.rebaseNeeded) return 'need_rebase';
  return ciObstacle(world, mergeRequest) ?? 'mergeable';
}

/** Checks that need no git: open, not a draft, commits there, threads resolved. */
export function blockedBeforeMerge(world: World, mergeRequest: MergeRequest): string | undefined {
  const settings = targetProject(world, mergeRequest).settings;
  if (mergeRequest.state !== 'opened') return 'not_open';
  if (isDraft(mergeRequest.title)) return 'draft_status';
  if (mergeRequest.branchMissing) return 'commits_status';
  if (mergeRequest.versions.at(-1)?.baseSha === mergeRequest.sha) return 'commits_status';
  const threads = settings.onlyAllowMergeIfAllDiscussionsAreResolved ? unresolvedThreads(mergeRequest) : 0;
  if (threads > 0) return 'discussions_not_resolved';
  return mergeRequest.approvals.length < settings.approvalsRequired ? 'not_approved' : undefined;
}

/** Where "Pipelines must succeed" is on: what the head pipeline still lacks. */
export function ciObstacle(world: World, mergeRequest: MergeRequest): string | undefined {
  const settings = targetProject(world, mergeRequest).settings;
  if (!settings.onlyAllowMergeIfPipelineSucceeds) return undefined;
  const status = headPipeline(world, mergeRequest)?.pipeline.status;
  if (status === 'success' || (status === 'skipped' && settings.allowMergeOnSkippedPipeline))
    return undefined;
  const active = status !== undefined && ['created', 'pending', 'running'].includes(status);
  return active ? 'ci_still_running' : 'ci_must_pass';
}

export function unresolvedThreads(mergeRequest: MergeRequest): number {
  const open = mergeRequest.notes.filter(
    (note) => note.type !== null && !note.system && note.resolvedById === null,
  );
  return new Set(open.map((note) => note.discussionId)).size;
}

function evaluationState(mergeRequest: MergeRequest): string | undefined {
  if (mergeRequest.mergeStatus === 'preparing') return 'preparing';
  if (mergeRequest.state !== 'opened') return undefined;
  if (mergeRequest.mergeStatus === 'checking' || mergeRequest.mergeStatus === 'cannot_be_merged_recheck') {
    return 'checking';
  }
  return mergeRequest.mergeStatus === 'unchecked' ? 'unchecked' : undefined;
}
