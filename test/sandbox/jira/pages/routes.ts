import type { FastifyInstance } from 'fastify';
import type { Api } from '../api.ts';

/** The pages people see. */
export function pageRoutes(app: FastifyInstance, api: Api): void {
  app.get('/', () => ({ issues: api.site.issues.size }));
}
