import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { loginPage } from '#web/pages/login-page.ts';
import { newSessionToken, personOfToken, SESSION_SECONDS, sessionCookie, sha256 } from '../credentials.ts';
import type { AccessDeps, AppDeps } from '../deps.ts';
import { createLoginLimit } from '../login-limit.ts';
import { providerRoutes } from './login-provider.ts';
import { sendHtml } from '../send-html.ts';

const Form = z.object({
  token: z.string().max(500).optional(),
  person: z.string().max(200).optional(),
  next: z.string().max(2000).optional(),
});

/** The door for browsers. People send their access token once, or choose who to be in the demo, and get a session. */
export function loginRoutes(app: FastifyInstance, deps: AppDeps): void {
  const { access } = deps;
  const cookie = sessionCookie(deps.externalUrl);
  const limit = createLoginLimit();
  const show = (reply: FastifyReply, next: string, problem?: string) =>
    sendHtml(
      reply,
      loginPage({
        mode: access.mode,
        people: access.mode === 'demo' ? access.people : [],
        provider: access.provider?.name,
        next,
        problem,
      }),
    );

  app.get<{ Querystring: { next?: unknown } }>('/login', async (request, reply) =>
    show(reply, ownPath(request.query.next)),
  );

  app.post('/login', async (request, reply) => {
    const form = Form.safeParse(request.body).data ?? {};
    const next = ownPath(form.next);
    if (limit.isReached(request.ip)) {
      return show(reply.code(429), next, 'Too many attempts from your address. Wait a minute and try again.');
    }
    const person = whoIs(access, form);
    if (person === undefined) {
      limit.countFailure(request.ip);
      request.log.warn('login refused');
      return show(reply.code(401), next, 'This is not one of the access tokens this server knows.');
    }
    const token = newSessionToken();
    await access.sessions.open(sha256(token), person, SESSION_SECONDS);
    request.log.info({ person }, 'logged in');
    return reply
      .setCookie(cookie.name, token, { ...cookie.options, maxAge: SESSION_SECONDS })
      .redirect(next, 303);
  });

  if (access.provider !== undefined) providerRoutes(app, deps, access.provider, { limit, show, ownPath });

  app.post('/logout', async (request, reply) => {
    const token = request.cookies[cookie.name];
    if (token !== undefined) await access.sessions.close(sha256(token));
    return reply.clearCookie(cookie.name, cookie.options).redirect('/login', 303);
  });
}

function whoIs(access: AccessDeps, form: z.infer<typeof Form>): string | undefined {
  switch (access.mode) {
    case 'token':
      return form.token === undefined ? undefined : personOfToken(access.tokens, form.token.trim());
    case 'demo':
      return access.people.find(({ id }) => id === form.person)?.id;
    // There they log in at the identity provider.
    case 'oidc':
      return undefined;
  }
}

/** A path on this site to go on to; anything that could lead elsewhere becomes the start page. */
function ownPath(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) && !next.includes('\\')
    ? next
    : '/';
}
