import type { CiStatus, MergeRequest, Pipeline, Project } from './model.ts';
import { nextId, now, sourceProject, targetProject, type World } from './world.ts';

export interface NewPipeline {
  sha: string;
  ref: string;
  source: Pipeline['source'];
  userId: number;
}

export function createPipeline(world: World, project: Project, input: NewPipeline): Pipeline {
  const at = now();
  const pipeline: Pipeline = {
    id: nextId(world),
    iid: project.pipelines.length + 1,
    ...input,
    status: 'created',
    createdAt: at,
    updatedAt: at,
    startedAt: null,
    finishedAt: null,
  };
  project.pipelines.push(pipeline);
  return pipeline;
}

/**
 * The pipeline a merge request looks at: of its present head and its source branch (or of the merge request itself,
 * which goes before), the newest.
 */
export function headPipeline(world: World, mergeRequest: MergeRequest) {
  const own = `refs/merge-requests/${mergeRequest.iid}/head`;
  const projects = new Set([targetProject(world, mergeRequest), sourceProject(world, mergeRequest)]);
  const candidates = [...projects].flatMap((project) =>
    project === undefined
      ? []
      : project.pipelines
          .filter((one) => one.sha === mergeRequest.sha)
          .filter((one) =>
            one.ref === own
              ? project.id === mergeRequest.projectId
              : one.ref === mergeRequest.sourceBranch && project.id === mergeRequest.sourceProjectId,
          )
          .map((pipeline) => ({ project, pipeline })),
  );
  const rank = (one: { pipeline: Pipeline }) => (one.pipeline.ref === own ? 1 : 0);
  return candidates.sort((one, other) => rank(other) - rank(one) || other.pipeline.id - one.pipeline.id)[0];
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
