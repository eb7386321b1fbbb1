import { freePort } from '#test/sandbox/house/free-port.ts';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { Provider } from 'oidc-provider';

export interface Account {
  email: string;
  verified?: boolean;
  groups?: readonly string[];
}

export interface IdentityProviderDouble {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** By the name with which people log in; edit it to let groups change. */
  accounts: Record<string, Account>;
  close(): Promise<void>;
}

/**
 * A certified OpenID provider on loopback, with a page on which anybody of `accounts` logs in and consents. Groups are a
 * claim of the scope `profile`, told at the userinfo endpoint as most providers do.
 */
export async function startIdentityProvider(
  redirectUri: string,
  accounts: Record<string, Account>,
): Promise<IdentityProviderDouble> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const clientId = 'countersign';
  const clientSecret = randomBytes(16).toString('hex');
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    findAccount: (_: unknown, id: string) =>
      accounts[id] === undefined ? undefined : { accountId: id, claims: () => claimsOf(id, accounts[id]) },
  });
  const server = createHttpServer(provider.callback()).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    issuer,
    clientId,
    clientSecret,
    accounts,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function claimsOf(id: string, account: Account | undefined) {
  return {
    sub: id,
    name: id,
    email: account?.email,
    email_verified: account?.verified ?? true,
    groups: account?.groups,
  };
}
