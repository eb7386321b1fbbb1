import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AppDeps } from '../deps.ts';
import { HttpRefusal } from '../http-refusal.ts';

/** Refuses whatever writes and does not come from one of our own pages (cross-site request forgery). */
export function installSameOrigin(app: FastifyInstance, { externalUrl }: AppDeps): void {
  const own = new URL(externalUrl).origin;
  app.addHook('onRequest', async (request) => {
    if (request.method === 'GET' || request.method === 'HEAD') return;
    if (!isOwn(request, own)) {
      throw new HttpRefusal(
        403,
        'This form was sent from another site.',
        'Open the page here and send it again.',
      );
    }
  });
}

function isOwn(request: FastifyRequest, own: string): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return request.headers['sec-fetch-site'] === 'same-origin';
  if (origin === own) return true;
  // The same server under another name, such as 127.0.0.1 for localhost.
  return URL.canParse(origin) && new URL(origin).host === host;
}
