import { announcePipeline } from './announce.ts';
import { apiError, notFound } from './errors.ts';
import { refNames, resolveCommit } from './git/repository.ts';
import { continueAutoMerge } from './merging.ts';
import type { CiStatus, CommitStatus, Pipeline, Project, User } from './model.ts';
import { compositeStatus, createPipeline } from './pipelines.ts';
import { later, nextId, now, type World } from './world.ts';

export const POSTABLE = ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'] as const;
export type PostableStatus = (typeof POSTABLE)[number];

export interface NewStatus {
  state: PostableStatus;
  name: string;
  ref?: string | undefined;
  pipelineId?: number | undefined;
  targetUrl?: string | undefined;
  description?: string | undefined;
  coverage?: number | undefined;
}

/**
 * `Ci::CreateCommitStatusService`: finds or makes the pipeline, finds the caller's unfinished row of that name or starts a
 * new one, and moves it. A row belongs to the user who made it; a finished row never changes.
 */
export async function postStatus(world: World, project: Project, user: User, sha: string, input: NewStatus) {
  if (world.faults.strikes('status-lock')) {
    throw apiError(409, 'Another update to this commit status is in progress');
  }
  const commit = /^[0-9a-f]{7,40}$/i.test(sha) ? await resolveCommit(project.repository, sha) : undefined;
  if (commit === undefined) throw notFound('Commit');
  if (!world.users.has(user.id)) throw notFound('User');
  for (const [field, value] of [
    ['target_url', input.targetUrl],
    ['description', input.description],
  ] as const) {
    if (value !== undefined && value.length > 255) {
      throw apiError(400, { [field]: ['is too long (maximum is 255 characters)'] });
    }
  }
  const pipeline = await pipelineFor(world, project, user, commit, input);
  const found = project.statuses.find(
    (row) =>
      row.pipelineId === pipeline.id &&
      row.ref === pipeline.ref &&
      row.name === input.name &&
      row.userId === user.id &&
      (row.status === 'pending' || row.status === 'running'),
  );
  const row = found ?? newRow(world, pipeline, user, input.name);
  move(row, input.state);
  if (input.targetUrl !== undefined) row.targetUrl = input.targetUrl;
  if (input.description !== undefined) row.description = input.description;
  if (input.coverage !== undefined) row.coverage = input.coverage;
  if (found === undefined) {
    for (const older of project.statuses) {
      if (older.pipelineId === pipeline.id && older.name === row.name) older.retried = true;
    }
    project.statuses.push(row);
  }
  await refreshPipeline(world, project, pipeline);
  return row;
}

/** Derives the pipeline's status from its newest rows; a change is announced and may let an auto-merge go ahead. */
async function refreshPipeline(world: World, project: Project, pipeline: Pipeline): Promise<void> {
  const rows = project.statuses.filter((row) => row.pipelineId === pipeline.id && !row.retried);
  const status = compositeStatus(
    rows.map((row) => (row.allowFailure && row.status === 'failed' ? 'success' : row.status)),
  );
  await setPipelineStatus(world, project, pipeline, status);
}

export async function setPipelineStatus(
  world: World,
  project: Project,
  pipeline: Pipeline,
  status: CiStatus,
): Promise<void> {
  if (status === pipeline.status) return;
  pipeline.status = status;
  pipeline.updatedAt = now();
  if (status !== 'created' && status !== 'pending') pipeline.startedAt ??= pipeline.updatedAt;
  pipeline.finishedAt = isFinished(status) ? pipeline.updatedAt : null;
  await announcePipeline(world, project, pipeline);
  const waiting = project.mergeRequests.filter((one) => one.autoMerge !== null && one.sha === pipeline.sha);
  for (const mergeRequest of waiting) later(world, 0, () => continueAutoMerge(world, mergeRequest));
}

async function pipelineFor(world: World, project: Project, user: User, sha: string, input: NewStatus) {
  const candidates = project.pipelines
    .filter((one) => one.sha === sha)
    .filter((one) => input.ref === undefined || one.ref === input.ref)
    .filter((one) => input.pipelineId === undefined || one.id === input.pipelineId);
  const newest = candidates.at(-1);
  if (newest !== undefined) return newest;
  if (input.pipelineId !== undefined) throw notFound('Pipeline for pipeline_id, sha and ref');
  const ref = input.ref ?? (await refNames(project.repository, 'heads', sha))[0];
  if (ref === undefined) throw notFound('References for commit');
  return createPipeline(world, project, { sha, ref, source: 'external', userId: user.id });
}

function newRow(world: World, pipeline: Pipeline, user: User, name: string): CommitStatus {
  return {
    id: nextId(world),
    pipelineId: pipeline.id,
    sha: pipeline.sha,
    ref: pipeline.ref,
    name,
    status: 'created',
    targetUrl: null,
    description: null,
    coverage: null,
    allowFailure: false,
    userId: user.id,
    createdAt: now(),
    startedAt: null,
    finishedAt: null,
    retried: false,
  };
}

/** The state machine of `CommitStatus`; a row is never moved to where it stands, nor skipped once it runs. */
function move(row: CommitStatus, to: PostableStatus): void {
  const from = row.status;
  if (to === 'pending' && from !== 'created') throw cannot('enqueue', from);
  if (to === 'running' && from === 'running') throw cannot('run', from);
  if (to === 'skipped' && from === 'running') throw cannot('skip', from);
  row.status = to;
  if (to === 'running') row.startedAt = now();
  if (isFinished(to)) {
    row.finishedAt = now();
    row.startedAt ??= to === 'skipped' ? null : row.finishedAt;
  }
}

function isFinished(status: CiStatus): boolean {
  return ['success', 'failed', 'canceled', 'skipped'].includes(status);
}

function cannot(event: string, from: CiStatus) {
  return apiError(
    400,
    `Cannot transition status via :${event} from :${from} (Reason(s): Status cannot transition via "${event}")`,
  );
}
