import type { Edition } from './api.ts';
import type { Site } from './model/site.ts';
import type { User } from './model/types.ts';

/** Jira Cloud: REST v3 and v2, people by account id, an API token with an e-mail address. */
export const cloud: Edition = {
  kind: 'cloud',
  restVersions: ['2', '3'],
  authenticate(site, authorization) {
    const given = basic(authorization);
    if (given === null) return null;
    const found = [...site.users.values()].find(
      (user) =>
        user.emailAddress.toLowerCase() === given.login.toLowerCase() && user.apiToken === given.secret,
    );
    return found !== undefined && mayLogIn(found) && found.accountType !== 'customer' ? found : null;
  },
  presentUser(user, baseUrl) {
    return {
      self: `${baseUrl}/rest/api/3/user?accountId=${encodeURIComponent(user.accountId)}`,
      accountId: user.accountId,
      emailAddress: user.emailAddress,
      avatarUrls: avatars(user, baseUrl),
      displayName: user.displayName,
      active: user.active,
      timeZone: 'Etc/UTC',
      accountType: user.accountType,
    };
  },
};

/** Jira Data Center 10: REST v2 alone, people by name and key, personal access tokens or a password. */
export const dataCenter: Edition = {
  kind: 'data-center',
  restVersions: ['2'],
  authenticate(site, authorization) {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    const given = basic(authorization);
    const found = [...site.users.values()].find((user) =>
      token === undefined
        ? user.name === given?.login && user.apiToken === given.secret
        : user.apiToken === token,
    );
    return found !== undefined && mayLogIn(found) ? found : null;
  },
  presentUser(user, baseUrl) {
    return {
      self: `${baseUrl}/rest/api/2/user?username=${encodeURIComponent(user.name)}`,
      key: user.accountId,
      name: user.name,
      emailAddress: user.emailAddress,
      avatarUrls: avatars(user, baseUrl),
      displayName: user.displayName,
      active: user.active,
      timeZone: 'Etc/UTC',
    };
  },
};

/** The user whom a request parameter means: Cloud's `accountId`, Data Center's `username` or `key`. */
export function userByQuery(
  site: Site,
  edition: Edition,
  query: Record<string, string | undefined>,
): User | undefined {
  if (edition.kind === 'cloud') return site.users.get(query['accountId'] ?? '');
  const { key, username } = query;
  return key === undefined
    ? [...site.users.values()].find(({ name }) => name === username)
    : site.users.get(key);
}

function mayLogIn(user: User): boolean {
  return user.active;
}

function basic(authorization: string | undefined): { login: string; secret: string } | null {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return { login: decoded.slice(0, colon), secret: decoded.slice(colon + 1) };
}

function avatars(user: User, baseUrl: string): Record<string, string> {
  const avatar = (size: number) => `${baseUrl}/avatar/${encodeURIComponent(user.accountId)}?size=${size}`;
  return { '48x48': avatar(48), '24x24': avatar(24), '16x16': avatar(16), '32x32': avatar(32) };
}
