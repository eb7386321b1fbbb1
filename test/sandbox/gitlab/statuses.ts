import { announcePipeline } from './announce.ts';
import { apiError, forbidden, notFound } from './errors.ts';
import { refNames, resolveCommit } from './git/repository.ts';
import type { CiStatus, CommitStatus, Pipeline, Project, User } from './model.ts';
import { compositeStatus, createPipeline } from './pipelines.ts';
import { isProtectedBranch, mayMergeInto } from './protected-refs.ts';
import { nextId, now, type World } from './world.ts';

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
  if (!mayUpdate(world, project, user, pipeline)) throw forbidden();
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
  const posted = rows.map((row) => (row.allowFailure && row.status === 'failed' ? 'success' : row.status));
  const status = compositeStatus([...posted, ...(pipeline.jobs === null ? [] : [pipeline.jobs])]);
  await setPipelineStatus(world, project, pipeline, status);
}

/** How the pipeline's own jobs stand from now on. */
export async function setJobs(
  world: World,
  project: Project,
  pipeline: Pipeline,
  jobs: CiStatus,
): Promise<void> {
  pipeline.jobs = jobs;
  await refreshPipeline(world, project, pipeline);
}

async function setPipelineStatus(
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
  world.follow.pipelineMoved(project, pipeline);
}

/**
 * The newest pipeline that matches and takes another row; where none does, a new one of the source `external`, on the
 * named ref or else on any branch that holds the commit. A pipeline asked for by its id is that one or none.
 */
async function pipelineFor(world: World, project: Project, user: User, sha: string, input: NewStatus) {
  const found = project.pipelines
    .filter((one) => one.sha === sha && !one.archived)
    .filter((one) => input.ref === undefined || one.ref === input.ref)
    .findLast((one) => input.pipelineId === undefined || one.id === input.pipelineId);
  const ref = input.ref ?? found?.ref ?? (await refNames(project.repository, 'heads', sha))[0];
  if (ref === undefined) throw notFound('References for commit');
  if (input.pipelineId !== undefined) {
    if (found === undefined) throw notFound('Pipeline for pipeline_id, sha and ref');
    if (isFull(project, found, user, input.name)) {
      throw apiError(422, 'The number of jobs has exceeded the limit');
    }
  }
  if (found !== undefined && !isFull(project, found, user, input.name)) return found;
  return createPipeline(world, project, { sha, ref, source: 'external', userId: user.id });
}

/** A row of the caller's own that is not over may still be moved. */
function isFull(project: Project, pipeline: Pipeline, user: User, name: string): boolean {
  const rows = project.statuses.filter((row) => row.pipelineId === pipeline.id);
  const own = rows.some((row) => row.name === name && row.userId === user.id && !isFinished(row.status));
  return rows.length >= project.settings.pipelineJobLimit && !own;
}

/** On a protected branch only those may who may push or merge there. */
function mayUpdate(world: World, project: Project, user: User, pipeline: Pipeline): boolean {
  return !isProtectedBranch(project, pipeline.ref) || mayMergeInto(world, project, user.id, pipeline.ref);
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
