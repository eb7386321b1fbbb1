/*
 * The admin API of the double, for tests and the demo. JSON in, JSON out, no authentication, 400 with `{error}` when a wish
 * cannot be met. A user is named by number or user name, a project by number or encoded path.
 *
 *   POST   /sandbox/users                      {username, name?, email?, public_email?, bot?, state?} → {id, username, …}
 *   PATCH  /sandbox/users/:user                {state?: "active"|"blocked"}
 *   POST   /sandbox/groups                     {path, name?, visibility? (private)} → {id, full_path}
 *   POST   /sandbox/invitations                {group, invited: group, access_level}; 0 takes the invitation back
 *   POST   /sandbox/projects                   {path: "group/project", files?, default_branch?, visibility?, description?,
 *                                               protect_default_branch? (true), settings? (see ProjectSettings in model.ts)}
 *                                              → {id, path_with_namespace, default_branch, web_url, http_url_to_repo}
 *   PATCH  /sandbox/projects/:project          {settings?, visibility?}
 *   POST   /sandbox/projects/:project/forks    {user} → the fork, in the user's own namespace
 *   POST   /sandbox/members                    {user, project | group, access_level, expires_at?}; 0 takes the membership away
 *   POST   /sandbox/tokens                     {user, scopes? (["api"]), name?, expires_at?} → {id, token}
 *   PATCH  /sandbox/tokens/:id                 {revoked?, expires_at?, scopes?}
 *   POST   /sandbox/projects/:project/bots     {name?, access_level? (40), scopes?, expires_at?} → {user, token}
 *   POST   /sandbox/projects/:project/commits  {user, branch, files: {path: content | null}, message?, start?} → {sha}
 *   POST   /sandbox/projects/:project/pipelines {user, status, sha + ref + source? | merged_result_of: iid, archived?}
 *                                              → {id, sha, ref, status}; again for the same sha and ref: moves it on
 *   POST   /sandbox/projects/:project/states/:name/lock {ID?, Who?, …} → 200; DELETE frees it whoever holds it
 *   GET    /sandbox/projects/:project/states/:name → {lock, versions: [{serial, created_at, user_id}]}
 *   POST   /sandbox/faults                     {kind, method?, path?, event?, status?, retryAfter?, format?, ms?, skip? (0),
 *                                               count? (1)} → {id}; kinds are listed in faults.ts
 *   GET    /sandbox/faults                     all, with how often each has struck;  DELETE /sandbox/faults  removes all
 *   GET    /sandbox/requests                   ?method=&path=<regex>&user=  every API and git request, oldest first
 *   DELETE /sandbox/requests                   empties that log
 *   GET    /sandbox/deliveries                 ?event=<regex>&hook=  every hook sent, oldest first, with its body
 *   PATCH  /sandbox/hooks/:id                 {recent_failures?, disabled_until?: RFC 3339 | null}: as if time had passed
 *   POST   /sandbox/hooks/:id/forge            {event: "merge_requests_events", payload, secret?: "valid"|"none"|"wrong",
 *                                               idempotency_key?, headers?} → {status, body}
 *   POST   /sandbox/settle                     answers when no hook is in flight and no background work is left
 *   GET    /sandbox/health                     {version, url}
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  AdminError,
  createGroup,
  createProject,
  createProjectBot,
  createToken,
  createUser,
  forkProject,
  projectSummary,
} from './admin.ts';
import { commit, forge, lockState, runPipeline } from './admin-acts.ts';
import { RawBody } from './api.ts';
import { type Fault, FAULT_KINDS } from './faults.ts';
import type { Group, Hook, HookEvent, Project, ProjectSettings, User } from './model.ts';
import { asRecord } from './params.ts';
import { findProject, nextId, settle, userByName, type World } from './world.ts';

type Body = Record<string, unknown>;
type Handler = (body: Body, path: Record<string, string>, query: Record<string, string>) => unknown;

export function registerAdmin(app: FastifyInstance, world: World, hooksDir: string): void {
  const on = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, run: Handler) =>
    app.route({
      method,
      url: `/sandbox${url}`,
      handler: async (request, reply) => {
        try {
          const query = request.query as Record<string, string>;
          return (await run(bodyOf(request), request.params as Record<string, string>, query)) ?? {};
        } catch (error) {
          if (!(error instanceof AdminError)) throw error;
          return reply.code(400).send({ error: error.message });
        }
      },
    });
  people(on, world);
  projects(on, world, hooksDir);
  misbehaviour(on, world);
  logs(on, world);
}

type On = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, run: Handler) => void;

function people(on: On, world: World): void {
  on('POST', '/users', (body) =>
    createUser(world, { ...(body as object), username: text(body, 'username') }),
  );
  on('PATCH', '/users/:user', (body, path) => {
    const user = userNamed(world, path['user']);
    if (body['state'] === 'active' || body['state'] === 'blocked') user.state = body['state'];
    return user;
  });
  on('POST', '/groups', (body) => {
    const group = createGroup(world, text(body, 'path'), optional(body, 'name'));
    if (body['visibility'] === 'public' || body['visibility'] === 'private')
      group.visibility = body['visibility'];
    return { id: group.id, full_path: group.fullPath };
  });
  on('POST', '/invitations', (body) => {
    const group = groupNamed(world, body['group']);
    const { id: groupId } = groupNamed(world, body['invited']);
    const accessLevel = Number(body['access_level']);
    const others = group.invited.filter((one) => one.groupId !== groupId);
    group.invited = accessLevel > 0 ? [...others, { groupId, accessLevel }] : others;
  });
  on('POST', '/members', (body) => {
    const user = userNamed(world, body['user']);
    const place =
      body['project'] === undefined ? groupNamed(world, body['group']) : projectNamed(world, body['project']);
    place.members = place.members.filter((one) => one.userId !== user.id);
    const accessLevel = Number(body['access_level']);
    if (accessLevel > 0) {
      place.members.push({ userId: user.id, accessLevel, expiresAt: optional(body, 'expires_at') ?? null });
    }
  });
  on('POST', '/tokens', (body) => {
    const token = createToken(world, { ...(body as object), user: userNamed(world, body['user']) });
    return { id: token.id, token: token.value };
  });
  on('PATCH', '/tokens/:id', (body, path) => {
    const token = world.tokens.find((one) => String(one.id) === path['id']);
    if (token === undefined) throw new AdminError(`no token ${path['id']}`);
    if (typeof body['revoked'] === 'boolean') token.revoked = body['revoked'];
    if (typeof body['expires_at'] === 'string') token.expiresAt = body['expires_at'];
    if (Array.isArray(body['scopes'])) token.scopes = body['scopes'].map(String);
  });
}

function projects(on: On, world: World, hooksDir: string): void {
  on('POST', '/projects', async (body) => {
    const project = await createProject(world, hooksDir, { ...(body as object), path: text(body, 'path') });
    return projectSummary(world, project);
  });
  on('PATCH', '/projects/:project', (body, path) => {
    const project = projectNamed(world, path['project']);
    Object.assign(project.settings, asRecord(body['settings']) as Partial<ProjectSettings>);
    const visibility = (['private', 'internal', 'public'] as const).find((one) => one === body['visibility']);
    project.visibility = visibility ?? project.visibility;
    return projectSummary(world, project);
  });
  on('POST', '/projects/:project/forks', async (body, path) => {
    const from = projectNamed(world, path['project']);
    return projectSummary(world, await forkProject(world, hooksDir, from, userNamed(world, body['user'])));
  });
  on('POST', '/projects/:project/bots', (body, path) => {
    const { user, token } = createProjectBot(world, projectNamed(world, path['project']), body as object);
    return { user, token: token.value, token_id: token.id };
  });
  on('POST', '/projects/:project/commits', async (body, path) => ({
    sha: await commit(world, projectNamed(world, path['project']), {
      user: userNamed(world, body['user']),
      branch: text(body, 'branch'),
      files: asRecord(body['files']) as Record<string, string | null>,
      message: optional(body, 'message'),
      start: optional(body, 'start'),
    }),
  }));
  on('POST', '/projects/:project/pipelines', async (body, path) => {
    const wish = { ...(body as object), user: userNamed(world, body['user']) } as Parameters<
      typeof runPipeline
    >[2];
    const pipeline = await runPipeline(world, projectNamed(world, path['project']), wish);
    const { id, sha, ref, status } = pipeline;
    return { id, sha, ref, status };
  });
  on('POST', '/projects/:project/states/:name/lock', (body, path) => {
    lockState(projectNamed(world, path['project']), path['name'] ?? '', body);
  });
  on('DELETE', '/projects/:project/states/:name/lock', (_body, path) => {
    lockState(projectNamed(world, path['project']), path['name'] ?? '', null);
  });
  on('GET', '/projects/:project/states/:name', (_body, path) => {
    const state = projectNamed(world, path['project']).terraformStates.get(path['name'] ?? '');
    const versions = (state?.versions ?? []).map((one) => ({
      serial: one.serial,
      created_at: one.createdAt,
      user_id: one.userId,
    }));
    return { lock: state?.lock ?? null, versions };
  });
}

function misbehaviour(on: On, world: World): void {
  on('POST', '/faults', (body) => {
    const kind = FAULT_KINDS.find((one) => one === body['kind']);
    if (kind === undefined) throw new AdminError(`kind must be one of ${FAULT_KINDS.join(', ')}`);
    const fault: Fault = { skip: 0, count: 1, ...(body as object), id: nextId(world), kind, struck: 0 };
    world.faults.add(fault);
    return { id: fault.id };
  });
  on('GET', '/faults', () => world.faults.armed);
  on('DELETE', '/faults', () => world.faults.clear());
  on('PATCH', '/hooks/:id', (body, path) => {
    const hook = hookNumbered(world, path['id']);
    if (typeof body['recent_failures'] === 'number') hook.recentFailures = body['recent_failures'];
    if ('disabled_until' in body) hook.disabledUntil = optional(body, 'disabled_until') ?? null;
  });
  on('POST', '/hooks/:id/forge', (body, path) => {
    const hook = hookNumbered(world, path['id']);
    const event = text(body, 'event') as HookEvent;
    return forge(world, hook, { ...(body as object), event, payload: body['payload'] });
  });
}

function logs(on: On, world: World): void {
  on('GET', '/requests', (_body, _path, query) =>
    world.requests.filter(
      (one) =>
        (query['method'] === undefined || one.method === query['method'].toUpperCase()) &&
        (query['user'] === undefined || one.user === query['user']) &&
        new RegExp(query['path'] ?? '').test(one.path),
    ),
  );
  on('DELETE', '/requests', () => {
    world.requests.length = 0;
  });
  on('GET', '/deliveries', (_body, _path, query) =>
    world.hooks.deliveries.filter(
      (one) =>
        (query['hook'] === undefined || String(one.hookId) === query['hook']) &&
        new RegExp(query['event'] ?? '').test(one.event),
    ),
  );
  on('POST', '/settle', () => settle(world));
  on('GET', '/health', () => ({ version: world.version, url: world.url }));
}

function bodyOf(request: FastifyRequest): Body {
  return request.body instanceof RawBody ? asRecord(request.body.value()) : {};
}

function text(body: Body, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw new AdminError(`${name} is missing`);
  return value;
}

function optional(body: Body, name: string): string | undefined {
  const value = body[name];
  return typeof value === 'string' ? value : undefined;
}

function userNamed(world: World, key: unknown): User {
  const user =
    typeof key === 'number'
      ? world.users.get(key)
      : (userByName(world, String(key)) ?? world.users.get(Number(key)));
  if (user === undefined) throw new AdminError(`no user ${String(key)}`);
  return user;
}

function projectNamed(world: World, key: unknown): Project {
  const project = findProject(world, String(key));
  if (project === undefined) throw new AdminError(`no project ${String(key)}`);
  return project;
}

function hookNumbered(world: World, id: string | undefined): Hook {
  const hooks = [...world.projects.values()].flatMap((project) => project.hooks);
  const hook = hooks.find((one) => String(one.id) === id);
  if (hook === undefined) throw new AdminError(`no hook ${id}`);
  return hook;
}

function groupNamed(world: World, key: unknown): Group {
  const group = [...world.groups.values()].find((one) => one.id === Number(key) || one.fullPath === key);
  if (group === undefined) throw new AdminError(`no group ${String(key)}`);
  return group;
}
