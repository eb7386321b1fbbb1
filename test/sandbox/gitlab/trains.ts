import { announceMergeRequest } from './announce.ts';
import { apiError } from './errors.ts';
import { branchHead, updateRef } from './git/repository.ts';
import { blockedBeforeMerge, computeMergeability } from './merge-status.ts';
import { finishMerge, writeMerge } from './merging.ts';
import type { MergeOptions, MergeRequest, Pipeline, Project, User } from './model.ts';
import { addSystemNote } from './notes.ts';
import { createPipeline } from './pipelines.ts';
import { setJobs } from './statuses.ts';
import { leaveTrain, trainOf } from './train-cars.ts';
import { now, targetProject, userById, type World } from './world.ts';

/*
 * Merge trains (GitLab Premium). Merge requests of one target branch stand in a queue; each gets a pipeline over what the
 * branch would be after it and all before it. The first one is merged when its pipeline succeeds, as exactly that commit.
 */

/** Puts a merge request at the end of its train and starts its pipeline; called when it could be merged at once. */
export async function joinTrain(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  options: MergeOptions,
): Promise<void> {
  mergeRequest.autoMerge = null;
  addSystemNote(world, mergeRequest, user, 'started a merge train');
  mergeRequest.car = {
    userId: user.id,
    options,
    base: '',
    head: '',
    mergeCommit: null,
    pipelineId: 0,
    joinedAt: now(),
  };
  await couple(world, mergeRequest);
}

/** Goes on with a train after one of its pipelines has moved, or its target branch has. */
export async function continueTrain(world: World, project: Project, targetBranch: string): Promise<void> {
  for (const mergeRequest of trainOf(project, targetBranch)) {
    const base = await baseOf(project, mergeRequest);
    if (mergeRequest.car !== null && mergeRequest.car.base !== base) await couple(world, mergeRequest);
  }
  const [first] = trainOf(project, targetBranch);
  const car = first?.car ?? null;
  if (first === undefined || car === null) return;
  const pipeline = project.pipelines.find((one) => one.id === car.pipelineId);
  if (pipeline?.status === 'failed' || pipeline?.status === 'canceled') {
    leaveTrain(world, first, 'pipeline did not succeed');
    return continueTrain(world, project, targetBranch);
  }
  if (pipeline?.status !== 'success' || blockedBeforeMerge(world, first) !== undefined) return;
  const { head, mergeCommit, options, userId } = car;
  first.car = null;
  await finishMerge(world, first, userById(world, userId), options, { before: car.base, head, mergeCommit });
  return continueTrain(world, project, targetBranch);
}

/** The pipeline of a merged result (`merge`) or of a train: on a commit of its own, which is not the head. */
export async function resultPipeline(
  world: World,
  mergeRequest: MergeRequest,
  kind: 'merge' | 'train',
  result: { head: string; userId: number },
): Promise<Pipeline> {
  const project = targetProject(world, mergeRequest);
  const ref = `refs/merge-requests/${mergeRequest.iid}/${kind}`;
  await updateRef(project.repository, ref, result.head);
  const { head: sha, userId } = result;
  const pipeline = createPipeline(world, project, {
    sha,
    ref,
    source: 'merge_request_event',
    userId,
    sourceSha: mergeRequest.sha,
  });
  await setJobs(world, project, pipeline, 'running');
  return pipeline;
}

/** What merging into the given commit would give, as commits that no branch shows yet. */
export async function mergedResult(
  world: World,
  mergeRequest: MergeRequest,
  user: User,
  options: MergeOptions,
  onto: string,
) {
  return writeMerge(world, targetProject(world, mergeRequest), mergeRequest, user, options, onto);
}

async function couple(world: World, mergeRequest: MergeRequest): Promise<void> {
  const { car } = mergeRequest;
  if (car === null) return;
  const project = targetProject(world, mergeRequest);
  const user = userById(world, car.userId);
  const base = await baseOf(project, mergeRequest);
  await computeMergeability(world, mergeRequest);
  if (base === undefined || mergeRequest.mergeStatus !== 'can_be_merged') {
    return leaveTrain(world, mergeRequest, 'it cannot be merged');
  }
  const result = await mergedResult(world, mergeRequest, user, car.options, base);
  const pipeline = await resultPipeline(world, mergeRequest, 'train', { head: result.head, userId: user.id });
  Object.assign(car, { base, ...result, pipelineId: pipeline.id });
  mergeRequest.updatedAt = now();
  await announceMergeRequest(world, mergeRequest, user, 'update');
}

async function baseOf(project: Project, mergeRequest: MergeRequest): Promise<string | undefined> {
  const train = trainOf(project, mergeRequest.targetBranch);
  const before = train[train.indexOf(mergeRequest) - 1];
  return before?.car?.head ?? branchHead(project.repository, mergeRequest.targetBranch);
}

/** 403 where the project has no trains. */
export function requireTrains(project: Project): void {
  if (!project.settings.mergeTrains) throw apiError(403, '403 Forbidden');
}
