import type { FastifyRequest } from 'fastify';
import type { JsonObject } from './json.ts';
import { administratorsGroup, type Site } from './model/site.ts';
import type { User } from './model/types.ts';

/** v3 writes rich text as documents (ADF), v2 as wiki markup. */
export type RestVersion = '2' | '3';

/**
 * What sets one edition of JIRA apart from another: which versions of the API it speaks, who a request comes from, how
 * it shows people and whether it has the Cloud-only routes. Cloud is the edition there is; Data Center is a second value.
 */
export interface Edition {
  deploymentType: 'Cloud' | 'Server';
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

export const cloud: Edition = {
  deploymentType: 'Cloud',
  restVersions: ['2', '3'],
  authenticate(site, authorization) {
    const encoded = /^Basic ([A-Za-z0-9+/=]+)$/.exec(authorization ?? '')?.[1];
    if (encoded === undefined) return null;
    const decoded = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    const email = decoded.slice(0, colon).toLowerCase();
    const token = decoded.slice(colon + 1);
    for (const user of site.users.values()) {
      const matches = user.emailAddress.toLowerCase() === email && user.apiToken === token;
      if (matches && user.active && user.accountType !== 'customer') return user;
    }
    return null;
  },
  presentUser(user, baseUrl) {
    const avatar = (size: number) => `${baseUrl}/avatar/${encodeURIComponent(user.accountId)}?size=${size}`;
    return {
      self: `${baseUrl}/rest/api/3/user?accountId=${encodeURIComponent(user.accountId)}`,
      accountId: user.accountId,
      emailAddress: user.emailAddress,
      avatarUrls: { '48x48': avatar(48), '24x24': avatar(24), '16x16': avatar(16), '32x32': avatar(32) },
      displayName: user.displayName,
      active: user.active,
      timeZone: 'Etc/UTC',
      accountType: user.accountType,
    };
  },
};

/** Set by the REST scope's authentication; routes outside it have no caller. */
export function callerOf(request: FastifyRequest): User {
  const caller = request.getDecorator<User | null>('jiraCaller');
  if (caller === null) throw new Error('This route needs a caller');
  return caller;
}

export function isAdministrator(site: Site, user: User): boolean {
  return site.isMember(administratorsGroup, user.accountId);
}
