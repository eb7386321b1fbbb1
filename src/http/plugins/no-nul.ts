import type { FastifyInstance } from 'fastify';
import { HttpRefusal } from '../http-refusal.ts';

/** PostgreSQL's text holds no NUL: an address with one names nothing we have, and must not get as far as a query. */
export function installNoNul(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    if (request.url.includes('%00')) {
      throw new HttpRefusal(
        400,
        'The address holds a character that no address here has.',
        'Check the address.',
      );
    }
  });
}
