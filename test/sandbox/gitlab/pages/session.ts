import type { FastifyReply, FastifyRequest } from 'fastify';
import { createToken } from '../admin.ts';
import type { User } from '../model.ts';
import { userById, userByName, type World } from '../world.ts';

const COOKIE = 'sandbox_session';

export interface Session {
  user: User;
  /** The pages act through the REST API with this token, so that every rule holds for them too. */
  token: string;
}

export function sessionOf(world: World, request: FastifyRequest): Session | null {
  const value = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1];
  const token = world.tokens.find((one) => one.value === value && !one.revoked);
  return token === undefined ? null : { user: userById(world, token.userId), token: token.value };
}

/** Logs in as anybody: the double asks for no password. */
export function logIn(world: World, username: string, reply: FastifyReply): boolean {
  const user = userByName(world, username);
  if (user === undefined) return false;
  const token = createToken(world, { user, name: 'browser session', scopes: ['api'] });
  reply.header('set-cookie', `${COOKIE}=${token.value}; Path=/; HttpOnly; SameSite=Strict`);
  return true;
}
