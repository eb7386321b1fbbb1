import { type Call, callerOf, mergeRequestOf, projectOf, requireLevel, type Route } from '../api.ts';
import { forbidden, notFound } from '../errors.ts';
import { commitsBetween, diffBetween } from '../git/history.ts';
import { refNames } from '../git/repository.ts';
import {
  changeMergeRequest,
  closeMergeRequest,
  type MergeRequestChange,
  reopenMergeRequest,
} from '../merge-request-changes.ts';
import { openMergeRequest } from '../merge-requests.ts';
import { beginMergeCheck } from '../merge-status.ts';
import { LEVEL, type MergeRequest, type Project } from '../model.ts';
import { paginate } from '../paginate.ts';
import { commitJson, diffJson, pipelineBasic } from '../present/basics.ts';
import { mergeRequestBasic, mergeRequestJson } from '../present/merge-requests.ts';
import { mayMergeInto } from '../protected-refs.ts';
import { executeCommands } from '../quick-actions/execute.ts';
import { extractCommands } from '../quick-actions/extract.ts';
import { accessLevel, findProject, userByName } from '../world.ts';

const BASE = '/projects/:id/merge_requests';

export const mergeRequestRoutes: Route[] = [
  { method: 'GET', path: BASE, run: listMergeRequests },
  { method: 'POST', path: BASE, run: createMergeRequest },
  {
    method: 'GET',
    path: `${BASE}/:iid`,
    run: (call) => showMergeRequest(call, mergeRequestOf(call).mergeRequest),
  },
  { method: 'PUT', path: `${BASE}/:iid`, run: updateMergeRequest },
  { method: 'GET', path: `${BASE}/:iid/commits`, run: listCommits },
  { method: 'GET', path: `${BASE}/:iid/diffs`, run: async (call) => paginate(call, await diffsOf(call)) },
  {
    method: 'GET',
    path: `${BASE}/:iid/changes`,
    run: async (call) => ({
      ...showMergeRequest(call, mergeRequestOf(call).mergeRequest),
      changes: await diffsOf(call),
      overflow: false,
    }),
  },
  { method: 'GET', path: `${BASE}/:iid/versions`, run: listVersions },
  { method: 'GET', path: `${BASE}/:iid/pipelines`, run: listPipelines },
];

/** One merge request; looking at one whose target has moved starts a new mergeability check, as GitLab does. */
export function showMergeRequest(call: Call, mergeRequest: MergeRequest) {
  const { world } = call;
  const project = projectOf(call);
  if (mergeRequest.mergeStatus === 'unchecked' && mergeRequest.state === 'opened') {
    beginMergeCheck(world, mergeRequest, 'checking');
  }
  const userId = call.caller?.user.id ?? null;
  const shown = mergeRequestJson(world, mergeRequest, {
    mayMerge: userId !== null && mayMergeInto(world, project, userId, mergeRequest.targetBranch),
    rebase: call.params.boolean('include_rebase_in_progress') === true,
  });
  if (!world.faults.strikes('stale-mergeability')) return shown;
  return { ...shown, merge_status: 'checking', detailed_merge_status: 'checking' };
}

function listMergeRequests(call: Call) {
  const project = projectOf(call);
  if (project.visibility === 'private') requireLevel(call, project, LEVEL.reporter);
  const { params } = call;
  const state = params.oneOf('state', ['opened', 'closed', 'locked', 'merged', 'all'] as const) ?? 'all';
  const labels = params.list('labels') ?? [];
  const [after, before] = [params.string('updated_after'), params.string('updated_before')];
  const author = params.integer('author_id');
  const username = params.string('author_username');
  const authorId =
    author ?? (username === undefined ? undefined : (userByName(call.world, username)?.id ?? -1));
  const iids = params.integers('iids');
  const rows = project.mergeRequests
    .filter((one) => state === 'all' || one.state === state)
    .filter((one) => labels.every((label) => one.labels.includes(label)))
    .filter((one) => after === undefined || Date.parse(one.updatedAt) >= Date.parse(after))
    .filter((one) => before === undefined || Date.parse(one.updatedAt) <= Date.parse(before))
    .filter((one) => authorId === undefined || one.authorId === authorId)
    .filter((one) => iids === undefined || iids.includes(one.iid))
    .filter((one) => sameOrAbsent(params.string('source_branch'), one.sourceBranch))
    .filter((one) => sameOrAbsent(params.string('target_branch'), one.targetBranch));
  const order =
    params.oneOf('order_by', ['created_at', 'updated_at', 'title', 'merged_at'] as const) ?? 'created_at';
  const key = (one: MergeRequest) => (order === 'updated_at' ? one.updatedAt : one.createdAt);
  const ascending = rows.toSorted((one, other) => key(one).localeCompare(key(other)) || one.iid - other.iid);
  const sorted = params.string('sort') === 'asc' ? ascending : ascending.toReversed();
  return paginate(call, sorted).map((one) => mergeRequestBasic(call.world, one));
}

function sameOrAbsent(wanted: string | undefined, value: string): boolean {
  return wanted === undefined || wanted === value;
}

async function createMergeRequest(call: Call) {
  const { world, params } = call;
  const source = projectOf(call);
  const { user } = callerOf(call);
  params.require('title', 'source_branch', 'target_branch');
  const targetId = params.string('target_project_id');
  const target = targetId === undefined ? source : findProject(world, targetId);
  if (target === undefined) throw notFound('Project');
  mayOpen(call, source, target);
  const text = extractCommands(params.string('description') ?? '', world.version);
  const mergeRequest = await openMergeRequest(world, source, target, user, {
    title: params.text('title'),
    sourceBranch: params.text('source_branch'),
    targetBranch: params.text('target_branch'),
    description: params.has('description') ? text.content : null,
    labels: params.list('labels') ?? [],
    assigneeIds: ids(params.integers('assignee_ids'), params.integer('assignee_id')) ?? [],
    reviewerIds: ids(params.integers('reviewer_ids')) ?? [],
    squash: params.boolean('squash') ?? target.settings.squashOption === 'default_on',
    removeSourceBranch:
      params.boolean('remove_source_branch') ?? target.settings.removeSourceBranchAfterMerge,
  });
  await executeCommands({ world, mergeRequest, user }, text.commands);
  return mergeRequestJson(world, mergeRequest, {
    mayMerge: mayMergeInto(world, target, user.id, mergeRequest.targetBranch),
    rebase: false,
  });
}

/** A merge request needs Developer where the branch is, and sight of the code where it goes. */
function mayOpen(call: Call, source: Project, target: Project): void {
  const userId = callerOf(call).user.id;
  if (accessLevel(call.world, source, userId) < LEVEL.developer) throw forbidden();
  const inTarget = accessLevel(call.world, target, userId);
  if (target.visibility === 'private' && inTarget < LEVEL.guest) throw notFound('Project');
  if (target.visibility === 'private' && inTarget < LEVEL.reporter) throw forbidden();
}

async function updateMergeRequest(call: Call) {
  const { world, params } = call;
  const { project, mergeRequest } = mergeRequestOf(call);
  const { user } = callerOf(call);
  const level = accessLevel(world, project, user.id);
  if (level < LEVEL.developer && mergeRequest.authorId !== user.id) throw forbidden();
  const change: MergeRequestChange = {};
  const title = params.string('title');
  if (title !== undefined) change.title = title;
  const target = params.string('target_branch');
  if (target !== undefined) change.targetBranch = target;
  const text = extractCommands(params.string('description') ?? '', world.version);
  if (params.has('description')) change.description = text.content;
  const labels = labelsAfter(mergeRequest.labels, call);
  if (labels !== undefined) change.labels = labels;
  const assignees = ids(params.integers('assignee_ids'), params.integer('assignee_id'));
  if (assignees !== undefined) change.assigneeIds = assignees;
  const reviewers = ids(params.integers('reviewer_ids'));
  if (reviewers !== undefined) change.reviewerIds = reviewers;
  const squash = params.boolean('squash');
  if (squash !== undefined) change.squash = squash;
  const remove = params.boolean('remove_source_branch');
  if (remove !== undefined) change.removeSourceBranch = remove;
  const event = params.oneOf('state_event', ['close', 'reopen'] as const);
  await changeMergeRequest(world, mergeRequest, user, change);
  if (event === 'close') await closeMergeRequest(world, mergeRequest, user);
  if (event === 'reopen') await reopenMergeRequest(world, mergeRequest, user);
  await executeCommands({ world, mergeRequest, user }, text.commands);
  return showMergeRequest(call, mergeRequest);
}

function labelsAfter(present: string[], call: Call): string[] | undefined {
  const [all, added, removed] = [
    call.params.list('labels'),
    call.params.list('add_labels'),
    call.params.list('remove_labels'),
  ];
  if (all === undefined && added === undefined && removed === undefined) return undefined;
  const wanted = [...(all ?? present), ...(added ?? [])];
  return [...new Set(wanted.filter((label) => removed?.includes(label) !== true))];
}

/** `0` means nobody. */
function ids(list: number[] | undefined, one?: number): number[] | undefined {
  const all = list ?? (one === undefined ? undefined : [one]);
  return all?.filter((id) => id !== 0);
}

async function listCommits(call: Call) {
  const { project, mergeRequest } = mergeRequestOf(call);
  const base = mergeRequest.versions.at(-1)?.baseSha ?? null;
  const commits = await commitsBetween(project.repository, base, mergeRequest.sha);
  return paginate(call, commits).map((commit) => commitJson(call.world, project, commit));
}

async function diffsOf(call: Call) {
  const { project, mergeRequest } = mergeRequestOf(call);
  const version = mergeRequest.versions.at(-1);
  if (version === undefined) return [];
  return (await diffBetween(project.repository, version.baseSha, version.headSha)).map(diffJson);
}

function listVersions(call: Call) {
  const { mergeRequest } = mergeRequestOf(call);
  const rows = mergeRequest.versions.toReversed().map((version) => ({
    id: version.id,
    head_commit_sha: version.headSha,
    base_commit_sha: version.baseSha,
    start_commit_sha: version.startSha,
    created_at: version.createdAt,
    merge_request_id: mergeRequest.id,
    state: 'collected',
    real_size: String(version.changedFiles),
    patch_id_sha: null,
  }));
  return paginate(call, rows);
}

async function listPipelines(call: Call) {
  const { project, mergeRequest } = mergeRequestOf(call);
  const own = `refs/merge-requests/${mergeRequest.iid}/head`;
  const heads = new Set(mergeRequest.versions.map((version) => version.headSha));
  const branches = await refNames(project.repository, 'heads', mergeRequest.sha);
  const rows = project.pipelines.filter(
    (one) =>
      heads.has(one.sha) &&
      (one.ref === own || one.ref === mergeRequest.sourceBranch || branches.length === 0),
  );
  return paginate(call, rows.toReversed()).map((one) => pipelineBasic(call.world, project, one));
}
