import type { FastifyRequest } from 'fastify';
import { ApiError, unauthorized } from './errors.ts';
import type { Token, User } from './model.ts';
import { now, userById, type World } from './world.ts';

/** Who is calling, and with which token. */
export interface Caller {
  user: User;
  token: Token;
}

/**
 * Reads the token of an API call (`PRIVATE-TOKEN`, `Authorization: Bearer`, `private_token`, Basic password).
 * No token is an anonymous call; a bad one is refused with the bodies of GitLab's `lib/api/api_guard.rb`.
 */
export function authenticate(world: World, request: FastifyRequest): Caller | null {
  const value = tokenOf(request);
  if (value === undefined) return null;
  const token = world.tokens.find((one) => one.value === value);
  if (token === undefined) throw unauthorized();
  if (token.revoked) {
    throw invalidToken('Token was revoked. You have to re-authorize from the user.');
  }
  if (expired(token)) {
    throw invalidToken('Token is expired. You can either do re-authorization or token refresh.');
  }
  const user = userById(world, token.userId);
  if (user.state === 'blocked') throw unauthorized();
  token.lastUsedAt = now();
  return { user, token };
}

export function expired(token: Token): boolean {
  return token.expiresAt !== null && token.expiresAt <= now().slice(0, token.expiresAt.length);
}

/** Refuses a token that carries none of the scopes that open this call. */
export function requireScope(caller: Caller, scopes: string[]): void {
  if (scopes.length === 0 || scopes.some((scope) => caller.token.scopes.includes(scope))) return;
  throw new ApiError(403, {
    error: 'insufficient_scope',
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope: scopes.join(' '),
  });
}

/** User name and password of HTTP Basic, or undefined. */
export function basicCredentials(
  header: string | undefined,
): { username: string; password: string } | undefined {
  const encoded = /^Basic\s+(.+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 0) return undefined;
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

function tokenOf(request: FastifyRequest): string | undefined {
  const header = request.headers['private-token'];
  if (typeof header === 'string') return header;
  const authorization = request.headers.authorization;
  const bearer = /^Bearer\s+(.+)$/i.exec(authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const query = (request.query as Record<string, unknown>)['private_token'];
  if (typeof query === 'string') return query;
  return basicCredentials(authorization)?.password;
}

function invalidToken(description: string): ApiError {
  return new ApiError(
    401,
    { error: 'invalid_token', error_description: description },
    {
      'www-authenticate': `Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="${description}"`,
    },
  );
}
