import { type Call, callerOf, projectFor, projectOf, requireLevel, type Route } from '../api.ts';
import { badRequest, notFound } from '../errors.ts';
import { readCommit } from '../git/history.ts';
import { refNames, resolveCommit } from '../git/repository.ts';
import { run as runGit } from '../git/run.ts';
import { type CommitStatus, LEVEL, type Project } from '../model.ts';
import { paginate } from '../paginate.ts';
import { commitJson, pipelineBasic, pipelineJson, userBasicById } from '../present/basics.ts';
import { mergeRequestBasic } from '../present/merge-requests.ts';
import { POSTABLE, postStatus } from '../statuses.ts';
import { knows } from '../versions.ts';
import type { World } from '../world.ts';

const COMMITS = '/projects/:id/repository/commits';

export const commitRoutes: Route[] = [
  { method: 'POST', path: '/projects/:id/statuses/:sha', run: createStatus },
  { method: 'GET', path: `${COMMITS}/:sha/statuses`, run: listStatuses },
  { method: 'GET', path: `${COMMITS}/:sha`, run: showCommit },
  { method: 'GET', path: `${COMMITS}/:sha/refs`, run: listRefs },
  { method: 'GET', path: `${COMMITS}/:sha/merge_requests`, run: listMergeRequests },
  { method: 'GET', path: '/projects/:id/pipelines', run: listPipelines },
  { method: 'GET', path: '/projects/:id/pipelines/:pipeline_id', run: showPipeline },
];

async function createStatus(call: Call) {
  const { params } = call;
  const project = projectFor(call, LEVEL.developer);
  params.require('state');
  const state = params.oneOf('state', POSTABLE);
  if (state === undefined) throw badRequest('state is missing');
  const row = await postStatus(call.world, project, callerOf(call).user, call.path['sha'] ?? '', {
    state,
    name: params.string('name') ?? params.string('context') ?? 'default',
    ref: params.string('ref'),
    pipelineId: params.integer('pipeline_id'),
    targetUrl: params.string('target_url'),
    description: params.string('description'),
    coverage: params.has('coverage') ? Number(params.string('coverage')) : undefined,
  });
  return statusJson(call.world, row);
}

async function listStatuses(call: Call) {
  const project = projectOf(call);
  if (project.visibility === 'private') requireLevel(call, project, LEVEL.reporter);
  const { params } = call;
  const sha = await commitOf(call, project);
  const all = params.boolean('all') === true;
  const [ref, name, pipelineId] = [
    params.string('ref'),
    params.string('name'),
    knows(call.world.version, 'statuses-by-pipeline') ? params.integer('pipeline_id') : undefined,
  ];
  const rows = project.statuses
    .filter((row) => row.sha === sha && (all || !row.retried))
    .filter((row) => ref === undefined || row.ref === ref)
    .filter((row) => name === undefined || row.name === name)
    .filter((row) => pipelineId === undefined || row.pipelineId === pipelineId);
  const sorted = params.string('sort') === 'desc' ? rows.toReversed() : rows;
  return paginate(call, sorted).map((row) => statusJson(call.world, row));
}

async function showCommit(call: Call) {
  const project = projectFor(call, LEVEL.reporter);
  const sha = await commitOf(call, project);
  const commit = await readCommit(project.repository, sha);
  if (commit === undefined) throw notFound('Commit');
  const pipeline = project.pipelines.findLast((one) => one.sha === sha);
  const stat = await runGit(project.repository, ['show', '--format=', '--numstat', sha]);
  const rows = stat.stdout.split('\n').map((row) => row.split('\t').map(Number));
  const sum = (column: number) => rows.reduce((total, row) => total + (row[column] ?? 0), 0) || 0;
  return {
    ...commitJson(call.world, project, commit),
    stats: { additions: sum(0), deletions: sum(1), total: sum(0) + sum(1) },
    status: pipeline?.status ?? null,
    project_id: project.id,
    last_pipeline: pipeline === undefined ? null : pipelineBasic(call.world, project, pipeline),
  };
}

async function listRefs(call: Call) {
  const project = projectFor(call, LEVEL.reporter);
  const sha = await commitOf(call, project);
  const type = call.params.oneOf('type', ['branch', 'tag', 'all'] as const) ?? 'all';
  const branches = type === 'tag' ? [] : await refNames(project.repository, 'heads', sha);
  const tags = type === 'branch' ? [] : await refNames(project.repository, 'tags', sha);
  return paginate(call, [
    ...branches.map((name) => ({ type: 'branch', name })),
    ...tags.map((name) => ({ type: 'tag', name })),
  ]);
}

async function listMergeRequests(call: Call) {
  const project = projectFor(call, LEVEL.reporter);
  const sha = await commitOf(call, project);
  const rows = project.mergeRequests.filter(
    (one) => one.mergeCommitSha === sha || one.versions.some((version) => version.headSha === sha),
  );
  return paginate(call, rows.toReversed()).map((one) => mergeRequestBasic(call.world, one));
}

function listPipelines(call: Call) {
  const project = projectFor(call, LEVEL.reporter);
  const { params } = call;
  const rows = project.pipelines
    .filter((one) => params.string('sha') === undefined || one.sha === params.string('sha'))
    .filter((one) => params.string('ref') === undefined || one.ref === params.string('ref'))
    .filter((one) => params.string('status') === undefined || one.status === params.string('status'))
    .filter((one) => params.string('source') === undefined || one.source === params.string('source'));
  const sorted = params.string('sort') === 'asc' ? rows : rows.toReversed();
  return paginate(call, sorted).map((one) => pipelineBasic(call.world, project, one));
}

function showPipeline(call: Call) {
  const project = projectFor(call, LEVEL.reporter);
  const pipeline = project.pipelines.find((one) => String(one.id) === call.path['pipeline_id']);
  if (pipeline === undefined) throw notFound();
  return pipelineJson(call.world, project, pipeline);
}

async function commitOf(call: Call, project: Project): Promise<string> {
  const sha = await resolveCommit(project.repository, call.path['sha'] ?? '');
  if (sha === undefined) throw notFound('Commit');
  return sha;
}

/** `API::Entities::CommitStatus`. */
function statusJson(world: World, row: CommitStatus) {
  return {
    id: row.id,
    sha: row.sha,
    ref: row.ref,
    status: row.status,
    name: row.name,
    target_url: row.targetUrl,
    description: row.description,
    created_at: row.createdAt,
    started_at: row.startedAt,
    finished_at: row.finishedAt,
    allow_failure: row.allowFailure,
    coverage: row.coverage,
    pipeline_id: row.pipelineId,
    author: userBasicById(world, row.userId),
  };
}
