import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import {
  newSessionToken,
  PENDING_SECONDS,
  pendingCookie,
  SESSION_SECONDS,
  sessionCookie,
  sha256,
} from '../credentials.ts';
import type { AppDeps, LoginProvider } from '../deps.ts';
import type { LoginLimit } from '../login-limit.ts';

const Kept = z.object({ pending: z.record(z.string(), z.string()), next: z.string() });

interface Door {
  limit: LoginLimit;
  show: (reply: FastifyReply, next: string, problem?: string) => FastifyReply;
  ownPath: (next: unknown) => string;
}

/**
 * The way out to the firm's own log-in, and back. What the browser keeps meanwhile ties the answer to the one who asked: a
 * log-in that somebody else began is none.
 */
export function providerRoutes(
  app: FastifyInstance,
  { access, externalUrl }: AppDeps,
  provider: LoginProvider,
  { limit, ownPath, show }: Door,
): void {
  const session = sessionCookie(externalUrl);
  const kept = pendingCookie(externalUrl);

  app.get<{ Querystring: { next?: unknown } }>('/login/provider', async (request, reply) => {
    const { pending, url } = await provider.begin();
    const next = ownPath(request.query.next);
    const value = Buffer.from(JSON.stringify({ pending, next })).toString('base64url');
    return reply.setCookie(kept.name, value, { ...kept.options, maxAge: PENDING_SECONDS }).redirect(url, 303);
  });

  app.get('/login/callback', async (request, reply) => {
    reply.clearCookie(kept.name, kept.options);
    const begun = readKept(request.cookies[kept.name]);
    const next = ownPath(begun?.next);
    if (limit.isReached(request.ip))
      return show(reply.code(429), next, 'Too many attempts from your address. Wait a minute and try again.');
    if (begun === undefined)
      return show(reply.code(401), next, 'This log-in was not begun here, or too long ago. Begin it again.');
    const answer = await provider.finish(new URL(request.url, externalUrl), begun.pending);
    if (!answer.ok) {
      limit.countFailure(request.ip);
      request.log.warn('login refused');
      return show(reply.code(401), next, `You are not logged in: ${answer.reason}.`);
    }
    const token = newSessionToken();
    await access.sessions.open(sha256(token), answer.person, SESSION_SECONDS);
    request.log.info({ person: answer.person }, 'logged in');
    return reply
      .setCookie(session.name, token, { ...session.options, maxAge: SESSION_SECONDS })
      .redirect(next, 303);
  });
}

function readKept(value: string | undefined): z.output<typeof Kept> | undefined {
  if (value === undefined) return undefined;
  try {
    return Kept.safeParse(JSON.parse(Buffer.from(value, 'base64url').toString())).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
