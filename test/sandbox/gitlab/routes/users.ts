import { callerOf, type Route } from '../api.ts';
import { expired } from '../auth.ts';
import { notFound } from '../errors.ts';
import { paginate } from '../paginate.ts';
import { currentUser, tokenJson, userBasic } from '../present/basics.ts';
import { newTokenValue, nextId, now } from '../world.ts';

export const userRoutes: Route[] = [
  {
    method: 'GET',
    path: '/user',
    scopes: ['api', 'read_api', 'read_user'],
    run: (call) => currentUser(call.world, callerOf(call).user),
  },
  {
    method: 'GET',
    path: '/users',
    scopes: ['api', 'read_api', 'read_user'],
    run: (call) => {
      callerOf(call);
      const username = call.params.string('username')?.toLowerCase();
      const found = [...call.world.users.values()].filter(
        (user) => username === undefined || user.username.toLowerCase() === username,
      );
      return paginate(call, found).map((user) => userBasic(call.world, user));
    },
  },
  {
    method: 'GET',
    path: '/users/:user_id',
    scopes: ['api', 'read_api', 'read_user'],
    run: (call) => {
      callerOf(call);
      const user = call.world.users.get(Number(call.path['user_id']));
      if (user === undefined) throw notFound('User');
      return { ...userBasic(call.world, user), created_at: user.createdAt, bio: '', bot: user.bot };
    },
  },
  {
    method: 'GET',
    path: '/personal_access_tokens/self',
    scopes: [],
    run: (call) => {
      const { token } = callerOf(call);
      return { ...tokenJson(token, !token.revoked && !expired(token)), last_used_ips: [] };
    },
  },
  {
    method: 'POST',
    path: '/personal_access_tokens/self/rotate',
    scopes: ['api', 'self_rotate'],
    run: (call) => {
      const { token } = callerOf(call);
      token.revoked = true;
      const week = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
      const rotated = {
        ...token,
        id: nextId(call.world),
        value: newTokenValue(),
        revoked: false,
        createdAt: now(),
        lastUsedAt: null,
        expiresAt: call.params.string('expires_at') ?? week,
      };
      call.world.tokens.push(rotated);
      call.reply.code(200);
      return { ...tokenJson(rotated, true), token: rotated.value };
    },
  },
  {
    method: 'GET',
    path: '/metadata',
    scopes: ['api', 'read_api', 'read_user', 'ai_features'],
    run: (call) => {
      callerOf(call);
      const kas = { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null };
      return { version: `${call.world.version}.0-ee`, revision: 'c0ffee00000', kas, enterprise: true };
    },
  },
  {
    method: 'GET',
    path: '/version',
    scopes: ['api', 'read_api', 'read_user'],
    run: (call) => {
      callerOf(call);
      return { version: `${call.world.version}.0-ee`, revision: 'c0ffee00000' };
    },
  },
];
