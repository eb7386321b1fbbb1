import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bouncePage } from '#web/pages/bounce-page.ts';
import { personOfToken, sessionCookie, sha256 } from '../credentials.ts';
import type { AppDeps } from '../deps.ts';
import { HttpRefusal } from '../http-refusal.ts';
import { wantsJson } from '../json-variant.ts';
import { sendHtml } from '../send-html.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Id in the directory of people of whoever is logged in. */
    person: string;
  }
}

/** Lets in whoever shows an access token or has a session; browsers are sent to the login page. */
export function installAccess(app: FastifyInstance, deps: AppDeps): void {
  app.decorateRequest('person', '');
  app.addHook('onRequest', async (request, reply) => {
    const person = await identify(request, deps);
    if (person === undefined) return turnAway(request, reply);
    request.person = person;
  });
}

/** The id of the person who asks, by `Authorization: Bearer` or by session cookie. */
async function identify(
  request: FastifyRequest,
  { access, externalUrl }: AppDeps,
): Promise<string | undefined> {
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return personOfToken(access.tokens, bearer);
  const token = request.cookies[sessionCookie(externalUrl).name];
  return token === undefined ? undefined : access.sessions.find(sha256(token));
}

function turnAway(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (wantsJson(request) || request.headers.authorization !== undefined) {
    reply.header('www-authenticate', 'Bearer realm="Countersign"');
    throw new HttpRefusal(401, 'Who are you?', 'Send an access token: "Authorization: Bearer …".');
  }
  // A strict cookie is withheld when a link on another site was followed. A page of our own may ask again and gets it.
  if (request.method === 'GET' && request.headers['sec-fetch-site'] === 'cross-site')
    return sendHtml(reply, bouncePage());
  return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 303);
}
