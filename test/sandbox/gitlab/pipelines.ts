import type { CiStatus, MergeRequest, Pipeline, Project } from './model.ts';
import { nextId, now, sourceProject, targetProject, type World } from './world.ts';

export interface NewPipeline {
  sha: string;
  ref: string;
  source: Pipeline['source'];
  userId: number;
  sourceSha?: string;
}

export function createPipeline(world: World, project: Project, input: NewPipeline): Pipeline {
  const at = now();
  const pipeline: Pipeline = {
    id: nextId(world),
    iid: project.pipelines.length + 1,
    sha: input.sha,
    ref: input.ref,
    sourceSha: input.sourceSha ?? null,
    source: input.source,
    userId: input.userId,
    status: 'created',
    jobs: null,
    archived: false,
    createdAt: at,
    updatedAt: at,
    startedAt: null,
    finishedAt: null,
  };
  project.pipelines.push(pipeline);
  return pipeline;
}

/**
 * The pipeline a merge request looks at: the newest of its present head, where those of the merge request itself (of its
 * head, of its merged result, of its train) go before those of its source branch.
 */
export function headPipeline(world: World, mergeRequest: MergeRequest) {
  const target = targetProject(world, mergeRequest);
  const projects = new Set([target, sourceProject(world, mergeRequest)]);
  const candidates = [...projects].flatMap((project) =>
    (project?.pipelines ?? [])
      .filter((one) => one.sha === mergeRequest.sha || one.sourceSha === mergeRequest.sha)
      .flatMap((pipeline) => {
        if (project === undefined) return [];
        const own = project === target && pipeline.ref.startsWith(`refs/merge-requests/${mergeRequest.iid}/`);
        const ofBranch =
          pipeline.ref === mergeRequest.sourceBranch && project.id === mergeRequest.sourceProjectId;
        return own || ofBranch ? [{ project, pipeline, rank: own ? 1 : 0 }] : [];
      }),
  );
  return candidates.sort((one, other) => other.rank - one.rank || other.pipeline.id - one.pipeline.id)[0];
}

/**
 * What `head_pipeline` shows: the last pipeline the merge request had, though its head may have moved on since; GitLab
 * decides by `headPipeline`, which is of the present head.
 */
export function lastPipeline(world: World, mergeRequest: MergeRequest) {
  return headPipeline(world, mergeRequest) ?? earlierPipeline(world, mergeRequest);
}

function earlierPipeline(world: World, mergeRequest: MergeRequest) {
  const earlier = mergeRequest.versions
    .toReversed()
    .map(({ headSha }) => ({ ...mergeRequest, sha: headSha }));
  for (const one of earlier) {
    const found = headPipeline(world, one);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** GitLab's `Gitlab::Ci::Status::Composite`, for the states a commit status can have. */
export function compositeStatus(statuses: CiStatus[]): CiStatus {
  const only = (...allowed: CiStatus[]) => statuses.every((status) => allowed.includes(status));
  const any = (...wanted: CiStatus[]) => statuses.some((status) => wanted.includes(status));
  if (statuses.length === 0) return 'created';
  if (only('skipped')) return 'skipped';
  if (only('success', 'skipped')) return 'success';
  if (only('created')) return 'created';
  if (only('success', 'skipped', 'canceled')) return 'canceled';
  if (only('pending', 'created', 'skipped')) return 'pending';
  if (any('running', 'pending')) return 'running';
  if (any('manual')) return 'manual';
  if (any('created')) return 'running';
  return 'failed';
}
