import type { FastifyRequest } from 'fastify';
import type { JsonObject } from './json.ts';
import { administratorsGroup, type Site } from './model/site.ts';
import type { User } from './model/types.ts';

/** v3 writes rich text as documents (ADF), v2 as wiki markup. */
export type RestVersion = '2' | '3';

/** What sets one edition of JIRA apart from another: see `editions.ts`. Where routes differ, they ask for `kind`. */
export interface Edition {
  kind: 'cloud' | 'data-center';
  restVersions: readonly RestVersion[];
  /** The user whose credentials the `Authorization` header carries; null when nobody's. */
  authenticate(site: Site, authorization: string | undefined): User | null;
  presentUser(user: User, baseUrl: string): JsonObject;
}

/** One version of the API on one site: what the presenters and routes need to know. */
export interface Api {
  site: Site;
  edition: Edition;
  version: RestVersion;
  /** Without a trailing slash; known once the server listens. */
  baseUrl: () => string;
}

/** Set by the REST scope's authentication; routes outside it have no caller. */
export function callerOf(request: FastifyRequest): User {
  const caller = request.getDecorator<User | null>('jiraCaller');
  if (caller === null) throw new Error('This route needs a caller');
  return caller;
}

export function isAdministrator(site: Site, user: User): boolean {
  return site.isMember(administratorsGroup, user.accountId);
}
