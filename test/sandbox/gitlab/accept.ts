import { apiError, methodNotAllowed, unauthorized } from './errors.ts';
import { blockedBeforeMerge, ciObstacle, computeMergeability } from './merge-status.ts';
import { performMerge, requireHead } from './merging.ts';
import type { MergeOptions, MergeRequest, Pipeline, Project, User } from './model.ts';
import { headPipeline } from './pipelines.ts';
import { mayMergeInto } from './protected-refs.ts';
import { continueTrain, joinTrain } from './trains.ts';
import { later, targetProject, userById, type World } from './world.ts';

export interface MergeCall extends MergeOptions {
  sha?: string | undefined;
  autoMerge?: boolean | undefined;
  /** Onto a merge train: at once, or when the checks that are still missing have passed. */
  train?: 'now' | 'when-checks-pass' | undefined;
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
  const train =
    call.train ?? (call.autoMerge === true && project.settings.mergeTrains ? 'when-checks-pass' : null);
  const automatic = active && (call.autoMerge === true || train === 'when-checks-pass');
  if (blockedBeforeMerge(world, mergeRequest) !== undefined) throw methodNotAllowed();
  if (!automatic && ciBlocks) throw methodNotAllowed();
  await computeMergeability(world, mergeRequest);
  if (mergeRequest.mergeStatus === 'cannot_be_merged' || mergeRequest.rebaseNeeded) {
    throw apiError(422, 'Branch cannot be merged');
  }
  requireHead(mergeRequest, call.sha);
  const options = optionsOf(call);
  if (automatic) {
    mergeRequest.autoMerge = { userId: user.id, sha: mergeRequest.sha, options, train: train !== null };
  } else if (train === null) {
    await performMerge(world, mergeRequest, user, options);
  } else if (pipeline === undefined || active) {
    // A train takes only what has a pipeline that is over.
    throw apiError(400, 'Failed to merge');
  } else {
    await joinTrain(world, mergeRequest, user, options);
  }
}

function optionsOf({ squash, shouldRemoveSourceBranch, mergeCommitMessage, squashCommitMessage }: MergeCall) {
  return {
    ...(squash === undefined ? {} : { squash }),
    ...(shouldRemoveSourceBranch === undefined ? {} : { shouldRemoveSourceBranch }),
    ...(mergeCommitMessage === undefined ? {} : { mergeCommitMessage }),
    ...(squashCommitMessage === undefined ? {} : { squashCommitMessage }),
  } satisfies MergeOptions;
}

/** What goes ahead because a pipeline or a target branch has moved: automatic merges and trains. */
export function followers(world: World): World['follow'] {
  return {
    pipelineMoved(project: Project, pipeline: Pipeline) {
      const shas = [pipeline.sha, pipeline.sourceSha];
      for (const one of project.mergeRequests) {
        if (one.autoMerge !== null && shas.includes(one.sha))
          later(world, 0, () => continueAutoMerge(world, one));
        if (one.car?.pipelineId === pipeline.id)
          later(world, 0, () => continueTrain(world, project, one.targetBranch));
      }
    },
    branchMoved(project, branch) {
      later(world, 0, () => continueTrain(world, project, branch));
    },
  };
}

/** Merges what was set to merge when its pipeline succeeds, now that the pipeline has moved on. */
async function continueAutoMerge(world: World, mergeRequest: MergeRequest): Promise<void> {
  const wish = mergeRequest.autoMerge;
  if (wish === null || wish.sha !== mergeRequest.sha) return;
  if (headPipeline(world, mergeRequest)?.pipeline.status !== 'success') return;
  if (blockedBeforeMerge(world, mergeRequest) !== undefined) return;
  await computeMergeability(world, mergeRequest);
  if (mergeRequest.mergeStatus !== 'can_be_merged' || mergeRequest.rebaseNeeded) return;
  const user = userById(world, wish.userId);
  if (wish.train) await joinTrain(world, mergeRequest, user, wish.options);
  else await performMerge(world, mergeRequest, user, wish.options);
}
