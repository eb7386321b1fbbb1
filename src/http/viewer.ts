import type { FastifyRequest } from 'fastify';
import type { AppDeps } from './deps.ts';

/** The name of whoever is logged in, for the corner of the page. */
export function nameOfViewer({ views }: Pick<AppDeps, 'views'>, request: FastifyRequest): Promise<string> {
  return views.nameOfPerson(request.person);
}
