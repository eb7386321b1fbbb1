import { randomUUID } from 'node:crypto';
import { type Call, callerOf, projectFor, type Route } from '../api.ts';
import { apiError, badRequest, invalidParameter, notFound } from '../errors.ts';
import { branchHead, ZERO_SHA } from '../git/repository.ts';
import { commitsBetween } from '../git/history.ts';
import { alertStatus, EVENT_HEADER } from '../hooks.ts';
import {
  type Hook,
  HOOK_EVENTS,
  type HookEvent,
  type HookLog,
  LEVEL,
  type Project,
  type User,
} from '../model.ts';
import { paginate } from '../paginate.ts';
import { mergeRequestPayload } from '../payloads/merge-request.ts';
import { notePayload } from '../payloads/note.ts';
import { pipelinePayload } from '../payloads/pipeline.ts';
import { pushPayload } from '../payloads/push.ts';
import { knows } from '../versions.ts';
import { nextId, now, type World } from '../world.ts';

const BASE = '/projects/:id/hooks';
const RATE_LIMIT = 5;
const RATE_WINDOW_MS = 60_000;

export const hookRoutes: Route[] = [
  {
    method: 'GET',
    path: BASE,
    run: (call) =>
      paginate(call, projectFor(call, LEVEL.maintainer).hooks).map((hook) => hookJson(call.world, hook)),
  },
  { method: 'POST', path: BASE, run: createHook },
  { method: 'GET', path: `${BASE}/:hook_id`, run: (call) => hookJson(call.world, hookOf(call)) },
  { method: 'PUT', path: `${BASE}/:hook_id`, run: updateHook },
  { method: 'DELETE', path: `${BASE}/:hook_id`, run: deleteHook },
  { method: 'GET', path: `${BASE}/:hook_id/events`, run: listEvents },
  { method: 'POST', path: `${BASE}/:hook_id/events/:log_id/resend`, run: resend },
  { method: 'POST', path: `${BASE}/:hook_id/test/:trigger`, run: testHook },
];

function createHook(call: Call) {
  const project = projectFor(call, LEVEL.maintainer);
  call.params.require('url');
  const events = Object.fromEntries(HOOK_EVENTS.map((event) => [event, event === 'push_events']));
  const hook: Hook = {
    id: nextId(call.world),
    projectId: project.id,
    url: '',
    name: null,
    description: null,
    createdAt: now(),
    events: events as Record<HookEvent, boolean>,
    pushEventsBranchFilter: '',
    branchFilterStrategy: 'wildcard',
    enableSslVerification: true,
    token: null,
    signingToken: null,
    customHeaders: [],
    recentFailures: 0,
    disabledUntil: null,
    log: [],
  };
  assign(call, hook);
  project.hooks.push(hook);
  return hookJson(call.world, hook);
}

function updateHook(call: Call) {
  const hook = hookOf(call);
  assign(call, hook);
  return hookJson(call.world, hook);
}

function deleteHook(call: Call) {
  const { hooks } = projectFor(call, LEVEL.maintainer);
  hooks.splice(hooks.indexOf(hookOf(call)), 1);
  return undefined;
}

/** Takes what was given. `signing_token` exists from 19.0 on; an older server passes over it without a word. */
function assign(call: Call, hook: Hook): void {
  const { params } = call;
  const url = params.string('url');
  if (url !== undefined) {
    if (!/^https?:\/\/\S+$/.test(url)) throw apiError(422, { error: 'Invalid url given' });
    hook.url = url;
  }
  for (const event of HOOK_EVENTS) hook.events[event] = params.boolean(event) ?? hook.events[event];
  hook.name = params.string('name') ?? hook.name;
  hook.description = params.string('description') ?? hook.description;
  hook.pushEventsBranchFilter = params.string('push_events_branch_filter') ?? hook.pushEventsBranchFilter;
  hook.branchFilterStrategy =
    params.oneOf('branch_filter_strategy', ['wildcard', 'regex', 'all_branches'] as const) ??
    hook.branchFilterStrategy;
  hook.enableSslVerification = params.boolean('enable_ssl_verification') ?? hook.enableSslVerification;
  if (params.has('token')) hook.token = params.string('token') || null;
  const headers = params.records('custom_headers');
  if (headers.length > 20) throw badRequest('custom_headers: at most 20');
  if (params.has('custom_headers')) {
    hook.customHeaders = headers.map((one) => ({ key: String(one['key']), value: String(one['value']) }));
  }
  if (!knows(call.world.version, 'signed-hooks') || !params.has('signing_token')) return;
  const signing = params.string('signing_token') || null;
  if (signing !== null && !validSigningToken(signing)) {
    throw apiError(422, { error: 'Signing token must be whsec_ followed by 32 bytes in base64' });
  }
  hook.signingToken = signing;
}

function validSigningToken(token: string): boolean {
  return /^whsec_[A-Za-z0-9+/]{43}=$/.test(token);
}

function listEvents(call: Call) {
  const hook = hookOf(call);
  const status = call.params.string('status');
  const rows = hook.log.filter((log) => {
    if (status === undefined || log.responseStatus === status) return true;
    if (status === 'successful') return log.responseStatus.startsWith('2');
    if (status === 'client_failure') return log.responseStatus.startsWith('4');
    return status === 'server_failure' && /^(5|internal)/.test(log.responseStatus);
  });
  return paginate(call, rows).map(logJson);
}

/** Sends a logged delivery again, under its own `Idempotency-Key`. */
async function resend(call: Call) {
  const hook = hookOf(call);
  limitRate(call);
  const log = hook.log.find((one) => String(one.id) === call.path['log_id']);
  if (log === undefined) throw notFound();
  const sent = await call.world.hooks.deliver(hook, log.trigger, log.requestBody, log.idempotencyKey);
  return { response_status: Number(sent.responseStatus) || sent.responseStatus };
}

async function testHook(call: Call) {
  const project = projectFor(call, LEVEL.maintainer);
  const hook = hookOf(call);
  limitRate(call);
  const trigger = HOOK_EVENTS.find((one) => one === call.path['trigger']);
  if (trigger === undefined) throw invalidParameter('trigger does not have a valid value');
  const payload = await samplePayload(call.world, project, callerOf(call).user, trigger);
  if (payload === undefined) {
    throw apiError(
      422,
      `Ensure the project has at least one ${EVENT_HEADER[trigger].replace(' Hook', '').toLowerCase()}.`,
    );
  }
  const sent = await call.world.hooks.deliver(hook, trigger, JSON.stringify(payload), randomUUID());
  if (!/^[23]/.test(sent.responseStatus)) throw apiError(422, sent.responseBody || sent.responseStatus);
  return { message: '201 Created' };
}

async function samplePayload(world: World, project: Project, user: User, trigger: HookEvent) {
  const mergeRequest = project.mergeRequests.at(-1);
  const note = mergeRequest?.notes.findLast((one) => !one.system);
  const pipeline = project.pipelines.at(-1);
  const head = await branchHead(project.repository, project.defaultBranch);
  if (trigger === 'merge_requests_events') {
    return mergeRequest === undefined ? undefined : mergeRequestPayload(world, mergeRequest, user, 'update');
  }
  if (trigger === 'note_events') {
    return mergeRequest === undefined || note === undefined
      ? undefined
      : notePayload(world, mergeRequest, note, 'create');
  }
  if (trigger === 'pipeline_events') {
    return pipeline === undefined ? undefined : pipelinePayload(world, project, pipeline);
  }
  if ((trigger !== 'push_events' && trigger !== 'tag_push_events') || head === undefined) return undefined;
  return pushPayload(world, project, user, {
    ref: trigger === 'push_events' ? `refs/heads/${project.defaultBranch}` : 'refs/tags/v1.0.0',
    before: ZERO_SHA,
    after: head,
    checkoutSha: head,
    commits: (await commitsBetween(project.repository, null, head)).slice(0, 3),
    message: null,
  });
}

const requestTimes = new WeakMap<World, Map<string, number[]>>();

/** Five tests and resends a minute for one user and project. */
function limitRate(call: Call): void {
  const times = requestTimes.get(call.world) ?? new Map<string, number[]>();
  requestTimes.set(call.world, times);
  const key = `${callerOf(call).user.id}:${call.path['id']}`;
  const recent = (times.get(key) ?? []).filter((at) => at > Date.now() - RATE_WINDOW_MS);
  if (recent.length >= RATE_LIMIT) {
    throw apiError(429, { error: 'This endpoint has been requested too many times. Try again later.' });
  }
  times.set(key, [...recent, Date.now()]);
}

function hookOf(call: Call): Hook {
  const hook = projectFor(call, LEVEL.maintainer).hooks.find(
    (one) => String(one.id) === call.path['hook_id'],
  );
  if (hook === undefined) throw notFound();
  return hook;
}

/** `API::Entities::ProjectHook`: secrets are never echoed. */
function hookJson(world: World, hook: Hook) {
  return {
    id: hook.id,
    project_id: hook.projectId,
    url: hook.url,
    name: hook.name,
    description: hook.description,
    created_at: hook.createdAt,
    ...hook.events,
    push_events_branch_filter: hook.pushEventsBranchFilter,
    branch_filter_strategy: hook.branchFilterStrategy,
    enable_ssl_verification: hook.enableSslVerification,
    alert_status: alertStatus(hook),
    disabled_until: hook.disabledUntil,
    url_variables: [],
    custom_headers: hook.customHeaders.map(({ key }) => ({ key })),
    custom_webhook_template: '',
    ...(knows(world.version, 'signed-hooks')
      ? { signing_token_present: hook.signingToken !== null, token_present: hook.token !== null }
      : {}),
  };
}

function logJson(log: HookLog) {
  return {
    id: log.id,
    url: log.url,
    trigger: log.trigger.replace(/_events$/, '_hooks').replace('merge_requests_hooks', 'merge_request_hooks'),
    request_headers: log.requestHeaders,
    request_data: JSON.parse(log.requestBody) as unknown,
    response_headers: log.responseHeaders,
    response_body: log.responseBody,
    execution_duration: log.executionDuration,
    response_status: log.responseStatus,
  };
}
