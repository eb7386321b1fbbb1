import type { FastifyRequest } from 'fastify';
import type { AppDeps } from './deps.ts';

/** The name of whoever is logged in, for the corner of the page. */
export function nameOfPerson({ access }: Pick<AppDeps, 'access'>, request: FastifyRequest): string {
  return access.people.find(({ id }) => id === request.person)?.name ?? request.person;
}
