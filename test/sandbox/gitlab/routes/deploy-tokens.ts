import { randomBytes } from 'node:crypto';
import { type Call, callerOf, projectFor, type Route } from '../api.ts';
import { expired } from '../auth.ts';
import { badRequest } from '../errors.ts';
import { LEVEL, type Token } from '../model.ts';
import { paginate } from '../paginate.ts';
import { nextId, now } from '../world.ts';

const SCOPES = [
  'read_repository',
  'read_registry',
  'write_registry',
  'read_package_registry',
  'write_package_registry',
];

export const deployTokenRoutes: Route[] = [
  {
    method: 'GET',
    path: '/projects/:id/deploy_tokens',
    run: (call) => {
      const project = projectFor(call, LEVEL.maintainer);
      return paginate(
        call,
        call.world.tokens.filter((one) => one.deploy?.projectId === project.id),
      ).map(deployTokenJson);
    },
  },
  { method: 'POST', path: '/projects/:id/deploy_tokens', run: createDeployToken },
];

function createDeployToken(call: Call) {
  const project = projectFor(call, LEVEL.maintainer);
  call.params.require('name', 'scopes');
  const scopes = call.params.list('scopes') ?? [];
  if (scopes.length === 0 || scopes.some((scope) => !SCOPES.includes(scope))) {
    throw badRequest('scopes does not have a valid value');
  }
  const id = nextId(call.world);
  const token: Token = {
    id,
    value: `gldt-${randomBytes(15).toString('base64url')}`,
    name: call.params.text('name'),
    userId: callerOf(call).user.id,
    scopes,
    createdAt: now(),
    expiresAt: call.params.string('expires_at') ?? null,
    revoked: false,
    lastUsedAt: null,
    deploy: {
      projectId: project.id,
      username: call.params.string('username') ?? `gitlab+deploy-token-${id}`,
    },
  };
  call.world.tokens.push(token);
  return { ...deployTokenJson(token), token: token.value };
}

function deployTokenJson(token: Token) {
  return {
    id: token.id,
    name: token.name,
    username: token.deploy?.username ?? '',
    expires_at: token.expiresAt,
    scopes: token.scopes,
    revoked: token.revoked,
    expired: expired(token),
  };
}
