import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RawBody } from '../api.ts';
import { LEVEL, type MergeRequest, type Project } from '../model.ts';
import { asRecord } from '../params.ts';
import { accessLevel, findProject, projectPath, type World } from '../world.ts';
import { mergeRequestList, mergeRequestPage } from './merge-request.ts';
import { commitPage, loginPage, projectList, projectPage, tagPage } from './repository.ts';
import { logIn, type Session, sessionOf } from './session.ts';

/** Serves the pages that stand for GitLab's own: enough to read, comment, approve, merge and close as a person. */
export async function servePage(
  app: FastifyInstance,
  world: World,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const url = new URL(request.url, world.url);
  const path = decodeURIComponent(url.pathname).replace(/^\/|\/$/g, '');
  const session = sessionOf(world, request);
  if (path === '-/login' && request.method === 'POST') return takeLogin(world, request, reply);
  const body =
    path === ''
      ? await projectList(world, session)
      : path === '-/login'
        ? await loginPage(world, session, localPath(url.searchParams.get('return')))
        : await projectRoute(
            app,
            world,
            request,
            reply,
            path,
            session,
            url.searchParams.get('said') ?? undefined,
          );
  if (reply.sent) return reply;
  if (body === undefined) return reply.code(404).type('text/plain').send('404 Not Found');
  return reply
    .type('text/html; charset=utf-8')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
    )
    .send(body);
}

function takeLogin(world: World, request: FastifyRequest, reply: FastifyReply) {
  const form = formOf(request);
  if (!logIn(world, form['username'] ?? '', reply))
    return reply.code(400).type('text/plain').send('No such user');
  return reply.redirect(localPath(form['return'] ?? null), 303);
}

async function projectRoute(
  app: FastifyInstance,
  world: World,
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
  session: Session | null,
  said: string | undefined,
): Promise<string | undefined> {
  const [projectKey = '', rest = ''] = path.split('/-/', 2);
  const project = findProject(world, projectKey);
  if (project === undefined || !mayLook(world, project, session)) return undefined;
  if (rest === '') return projectPage(world, project, session);
  if (rest === 'merge_requests') return mergeRequestList(world, project, session);
  const [kind = '', ...parts] = rest.split('/');
  if (kind === 'commit' || kind === 'tree') return commitPage(project, parts.join('/'), session);
  if (kind === 'tags') return tagPage(project, parts.join('/'), session);
  const mergeRequest = project.mergeRequests.find((one) => String(one.iid) === parts[0]);
  if (kind !== 'merge_requests' || mergeRequest === undefined) return undefined;
  if (request.method === 'GET') return mergeRequestPage(world, project, mergeRequest, session, said);
  await act(app, request, reply, project, mergeRequest, session, parts[1] ?? '');
  return undefined;
}

/** A button was pressed: the same call that a client would make, and back to the page with whatever GitLab refused. */
async function act(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  project: Project,
  mergeRequest: MergeRequest,
  session: Session | null,
  action: string,
): Promise<void> {
  const page = `/${projectPath(project)}/-/merge_requests/${mergeRequest.iid}`;
  const api = `/api/v4/projects/${project.id}/merge_requests/${mergeRequest.iid}`;
  const calls: Record<string, { method: 'POST' | 'PUT'; url: string; payload: object }> = {
    notes: { method: 'POST', url: `${api}/notes`, payload: { body: formOf(request)['body'] ?? '' } },
    approve: { method: 'POST', url: `${api}/approve`, payload: {} },
    unapprove: { method: 'POST', url: `${api}/unapprove`, payload: {} },
    merge: { method: 'PUT', url: `${api}/merge`, payload: { sha: mergeRequest.sha } },
    close: { method: 'PUT', url: api, payload: { state_event: 'close' } },
    reopen: { method: 'PUT', url: api, payload: { state_event: 'reopen' } },
  };
  const call = calls[action];
  if (call === undefined || session === null) {
    void reply
      .code(session === null ? 401 : 404)
      .type('text/plain')
      .send('Not possible');
    return;
  }
  const answer = await app.inject({ ...call, headers: { 'private-token': session.token } });
  const failed = answer.statusCode >= 400 ? `?said=${encodeURIComponent(`${action}: ${answer.body}`)}` : '';
  const note = action === 'notes' && failed === '' ? `#note_${answer.json<{ id?: number }>().id ?? ''}` : '';
  void reply.redirect(`${page}${failed}${note}`, 303);
}

/** Visitors without a user see what is there too: the double's pages hide nothing from whoever runs it. */
function mayLook(world: World, project: Project, session: Session | null): boolean {
  if (project.visibility !== 'private' || session === null) return true;
  return accessLevel(world, project, session.user.id) >= LEVEL.guest || session.user.username === 'root';
}

/** Only places on this server: a return address is never a way out. */
function localPath(value: string | null): string {
  return value !== null && /^\/(?![/\\])/.test(value) ? value : '/';
}

function formOf(request: FastifyRequest): Record<string, string> {
  return request.body instanceof RawBody ? (asRecord(request.body.value()) as Record<string, string>) : {};
}
