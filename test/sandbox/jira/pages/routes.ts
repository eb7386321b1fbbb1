import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html } from 'hono/html';
import type { Api } from '../api.ts';
import { addComment } from '../changes/comments.ts';
import { moveIssue } from '../changes/transitions.ts';
import { JiraError, notFound } from '../errors.ts';
import { objectOrEmpty, textOf } from '../json.ts';
import { hasProjectPermission, visibleIssue } from '../model/permissions.ts';
import type { Site } from '../model/site.ts';
import type { Attachment, User } from '../model/types.ts';
import { contentDisposition, mediaToken } from '../routes/attachments.ts';
import { fromWiki } from '../text/rich-text.ts';
import { issuePage } from './issue-page.ts';
import { avatarSvg, avatar, lozenge, type Markup, moment, page, person } from './layout.ts';

const sessionCookie = 'jira.session';

interface IssueParams {
  Params: { key: string; transitionId: string };
}

/** Pages to act as a person of the site. Logging in is choosing who to be. */
export function pageRoutes(app: FastifyInstance, api: Api): void {
  const { site } = api;

  app.get<{ Querystring: { to?: string } }>('/login', (request, reply) =>
    show(reply, loginPage(site, request.query.to ?? '/')),
  );

  app.post('/login', (request, reply) => {
    const { accountId, to } = objectOrEmpty(request.body);
    const user = site.users.get(textOf(accountId));
    if (user === undefined || !user.active) throw notFound('There is no such user.');
    void reply.setCookie(sessionCookie, encodeURIComponent(user.accountId), {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
    });
    // Only to a page of this site.
    return reply.redirect(/^\/(?!\/)/.test(textOf(to)) ? textOf(to) : '/', 303);
  });

  app.get('/', (request, reply) => {
    const user = visitor(site, request);
    return user === null ? logInFirst(request, reply) : show(reply, listPage(site, user));
  });

  app.get<IssueParams>('/browse/:key', (request, reply) => {
    const user = visitor(site, request);
    if (user === null) return logInFirst(request, reply);
    return show(reply, issuePage(site, user, visibleIssue(site, user, request.params.key), null));
  });

  app.post<IssueParams>('/browse/:key/transitions/:transitionId', (request, reply) => {
    const { comment, resolution } = objectOrEmpty(request.body);
    return act(site, request, reply, (user, issue) =>
      moveIssue(site, '2', user, issue, {
        transition: { id: request.params.transitionId },
        ...(textOf(resolution) === '' ? {} : { fields: { resolution: { name: resolution } } }),
        ...(textOf(comment) === '' ? {} : { update: { comment: [{ add: { body: comment } }] } }),
      }),
    );
  });

  app.post<IssueParams>('/browse/:key/comments', (request, reply) => {
    const { comment } = objectOrEmpty(request.body);
    return act(site, request, reply, (user, issue) =>
      addComment(site, user, issue, fromWiki(site, textOf(comment)), {}),
    );
  });

  app.get<{ Params: { id: string } }>('/secure/attachment/:id/:filename', (request, reply) => {
    const user = visitor(site, request);
    if (user === null) return logInFirst(request, reply);
    return download(reply, attachmentFor(site, user, request.params.id));
  });

  app.get<{ Params: { id: string; token: string } }>('/media/:id/:token', (request, reply) => {
    const attachment = attachmentFor(site, null, request.params.id);
    if (mediaToken(attachment) !== request.params.token) throw notFound('There is no such file.');
    return download(reply, attachment);
  });

  app.get<{ Params: { accountId: string } }>('/avatar/:accountId', (request, reply) => {
    const user = site.users.get(request.params.accountId);
    if (user === undefined) throw notFound('There is no such user.');
    return reply.type('image/svg+xml').send(avatarSvg(user));
  });
}

/** To the log-in page, and back afterwards when a page was asked for. */
function logInFirst(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const back = request.method === 'GET' ? `?to=${encodeURIComponent(request.url)}` : '';
  return reply.redirect(`/login${back}`, 303);
}

function visitor(site: Site, request: FastifyRequest): User | null {
  const user = site.users.get(decodeURIComponent(request.cookies[sessionCookie] ?? ''));
  return user?.active === true ? user : null;
}

/** Does what the form asks, then shows the issue; a refusal is shown on the issue's own page. */
function act(
  site: Site,
  request: FastifyRequest<IssueParams>,
  reply: FastifyReply,
  work: (user: User, issue: ReturnType<typeof visibleIssue>) => unknown,
): FastifyReply | Promise<FastifyReply> {
  const user = visitor(site, request);
  if (user === null) return logInFirst(request, reply);
  const issue = visibleIssue(site, user, request.params.key);
  try {
    work(user, issue);
  } catch (error) {
    if (!(error instanceof JiraError)) throw error;
    return show(reply.code(error.status), issuePage(site, user, issue, error.message));
  }
  return reply.redirect(`/browse/${issue.key}`, 303);
}

async function show(reply: FastifyReply, markup: Markup): Promise<FastifyReply> {
  const text = await markup;
  return reply.type('text/html; charset=utf-8').send(String(text));
}

function loginPage(site: Site, to: string): Markup {
  const users = [...site.users.values()].filter((user) => user.active);
  return page(
    'Log in',
    null,
    html`<h1>Who are you?</h1>
<div class="people">${users.map(
      (
        user,
      ) => html`<form method="post" action="/login"><input type="hidden" name="to" value="${to}"><input type="hidden" name="accountId" value="${user.accountId}">
<button>${avatar(user, 32)} <span><b>${user.displayName}</b><br>${user.emailAddress} ${[
        ...site.groups.values(),
      ]
        .filter((group) => group.members.has(user.accountId))
        .map((group) => html`<span class="label">${group.name}</span>`)}</span></button></form>`,
    )}</div>${users.length === 0 ? html`<p class="empty">The site has no users yet.</p>` : ''}`,
  );
}

function listPage(site: Site, user: User): Markup {
  const issues = [...site.issues.values()]
    .filter((issue) => hasProjectPermission(site, user, site.projectOf(issue), 'BROWSE_PROJECTS'))
    .toReversed();
  return page(
    'Issues',
    user,
    html`<h1>Issues</h1><table class="list"><thead><tr><th>Key</th><th>Summary</th><th>Status</th><th>Reporter</th><th>Updated</th></tr></thead>
<tbody>${issues.map(
      (
        issue,
      ) => html`<tr><td><a href="/browse/${issue.key}">${issue.key}</a></td><td><a href="/browse/${issue.key}">${issue.summary}</a></td>
<td>${lozenge(site.status(issue.statusId))}</td><td>${person(site.users.get(issue.reporterAccountId))}</td><td>${moment(issue.updated)}</td></tr>`,
    )}</tbody></table>${issues.length === 0 ? html`<p class="empty">No issues yet.</p>` : ''}`,
  );
}

function attachmentFor(site: Site, user: User | null, id: string): Attachment {
  for (const issue of site.issues.values()) {
    const attachment = issue.attachments.find((candidate) => candidate.id === id);
    if (attachment === undefined) continue;
    if (user === null || hasProjectPermission(site, user, site.projectOf(issue), 'BROWSE_PROJECTS'))
      return attachment;
  }
  throw notFound('There is no such file.');
}

function download(reply: FastifyReply, attachment: Attachment): FastifyReply {
  return reply
    .type(attachment.mimeType)
    .header('content-disposition', contentDisposition(attachment.filename))
    .send(attachment.content);
}
