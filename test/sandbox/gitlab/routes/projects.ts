import { callerOf, type Call, projectFor, projectOf, type Route } from '../api.ts';
import { notFound } from '../errors.ts';
import { LEVEL, type ProjectSettings, type PushEvent } from '../model.ts';
import { paginate } from '../paginate.ts';
import { projectJson, userBasic, userBasicById } from '../present/basics.ts';
import { accessLevel, membershipsOf, userById, type World } from '../world.ts';

const BOOLEAN_SETTINGS = {
  only_allow_merge_if_pipeline_succeeds: 'onlyAllowMergeIfPipelineSucceeds',
  allow_merge_on_skipped_pipeline: 'allowMergeOnSkippedPipeline',
  only_allow_merge_if_all_discussions_are_resolved: 'onlyAllowMergeIfAllDiscussionsAreResolved',
  only_allow_merge_if_all_status_checks_passed: 'onlyAllowMergeIfAllStatusChecksPassed',
  remove_source_branch_after_merge: 'removeSourceBranchAfterMerge',
} as const satisfies Record<string, keyof ProjectSettings>;

export const projectRoutes: Route[] = [
  {
    method: 'GET',
    path: '/projects/:id',
    run: (call) => projectJson(call.world, projectOf(call), call.caller?.user.id ?? null),
  },
  {
    method: 'PUT',
    path: '/projects/:id',
    run: (call) => {
      const project = projectFor(call, LEVEL.maintainer);
      for (const [name, field] of Object.entries(BOOLEAN_SETTINGS)) {
        const value = call.params.boolean(name);
        if (value !== undefined) project.settings[field] = value;
      }
      const method = call.params.oneOf('merge_method', ['merge', 'rebase_merge', 'ff'] as const);
      if (method !== undefined) project.settings.mergeMethod = method;
      return projectJson(call.world, project, callerOf(call).user.id);
    },
  },
  { method: 'GET', path: '/projects/:id/events', scopes: ['api', 'read_api', 'read_user'], run: listEvents },
  { method: 'GET', path: '/projects/:id/members', run: (call) => listMembers(call, false) },
  { method: 'GET', path: '/projects/:id/members/all', run: (call) => listMembers(call, true) },
  { method: 'GET', path: '/projects/:id/members/:user_id', run: (call) => showMember(call, false) },
  { method: 'GET', path: '/projects/:id/members/all/:user_id', run: (call) => showMember(call, true) },
];

/** Push events only: the double records no others. `after` and `before` are days, themselves left out. */
function listEvents(call: Call) {
  const project = projectOf(call);
  callerOf(call);
  const action = call.params.string('action')?.toLowerCase();
  const [after, before] = [call.params.string('after'), call.params.string('before')];
  const rows = project.events
    .filter(
      (event) =>
        action === undefined || action === 'pushed' || (action === 'created' && event.action === 'created'),
    )
    .filter((event) => after === undefined || event.createdAt.slice(0, 10) > after)
    .filter((event) => before === undefined || event.createdAt.slice(0, 10) < before);
  const sorted = call.params.string('sort') === 'asc' ? rows.toReversed() : rows;
  return paginate(call, sorted).map((event) => eventJson(call.world, project.id, event));
}

function eventJson(world: World, projectId: number, event: PushEvent) {
  const author = userById(world, event.authorId);
  const names = { created: 'pushed new', pushed: 'pushed to', removed: 'deleted' };
  return {
    id: event.id,
    project_id: projectId,
    action_name: names[event.action],
    target_id: null,
    target_iid: null,
    target_type: null,
    author_id: event.authorId,
    target_title: null,
    created_at: event.createdAt,
    author: userBasic(world, author),
    imported: false,
    imported_from: 'none',
    push_data: {
      commit_count: event.commitCount,
      action: event.action,
      ref_type: event.refType,
      commit_from: event.commitFrom,
      commit_to: event.commitTo,
      ref: event.ref,
      commit_title: event.commitTitle,
      ref_count: event.refCount,
    },
    author_username: author.username,
  };
}

function listMembers(call: Call, inherited: boolean) {
  const project = projectOf(call);
  callerOf(call);
  const ids = new Set(
    (inherited ? membershipsOf(call.world, project) : project.members).map((one) => one.userId),
  );
  return paginate(call, [...ids]).map((id) => memberJson(call, id, inherited));
}

function showMember(call: Call, inherited: boolean) {
  callerOf(call);
  const member = memberJson(call, Number(call.path['user_id']), inherited);
  if (member === undefined) throw notFound();
  return member;
}

function memberJson(call: Call, userId: number, inherited: boolean) {
  const project = projectOf(call);
  const rows = (inherited ? membershipsOf(call.world, project) : project.members).filter(
    (one) => one.userId === userId,
  );
  const best = rows.toSorted((one, other) => other.accessLevel - one.accessLevel)[0];
  if (best === undefined) return undefined;
  return {
    ...userBasicById(call.world, userId),
    access_level: inherited ? accessLevel(call.world, project, userId) : best.accessLevel,
    created_at: project.createdAt,
    expires_at: best.expiresAt,
    membership_state: 'active',
  };
}
