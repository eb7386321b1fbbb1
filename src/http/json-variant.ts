import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';

/** Every page has a JSON form: `/changes.json` is `/changes` asked for with `Accept: application/json`. */
export function jsonVariant(request: Pick<IncomingMessage, 'url' | 'headers'>): string {
  const [path = '/', ...query] = (request.url ?? '/').split('?');
  if (!path.endsWith('.json')) return request.url ?? '/';
  request.headers.accept = 'application/json';
  return [path.slice(0, -'.json'.length), ...query].join('?');
}

/** Whether the caller wants JSON and not a page. */
export function wantsJson(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? '';
  return accept.includes('application/json') && !accept.includes('text/html');
}
