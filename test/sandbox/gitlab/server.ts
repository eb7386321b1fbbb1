import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { followers } from './accept.ts';
import { registerAdmin } from './admin-routes.ts';
import { rootUser } from './admin.ts';
import { RawBody, registerRoutes, sendError } from './api.ts';
import { authenticate, basicCredentials } from './auth.ts';
import { notFound } from './errors.ts';
import { Faults } from './faults.ts';
import { isGitPath, serveGit } from './git-http.ts';
import { HookQueue } from './hooks.ts';
import type { Version } from './model.ts';
import { servePage } from './pages/serve.ts';
import { parseNestedQuery } from './params.ts';
import { writeGitHooks } from './receive.ts';
import { apiRoutes } from './routes/index.ts';
import { NEWEST } from './versions.ts';
import { nextId, now, settle, userById, type World } from './world.ts';

export interface GitlabOptions {
  /** Folder for the bare repositories; made when missing. */
  dir: string;
  port?: number;
  host?: '127.0.0.1';
  version?: Version;
  /** How long a merge request shows `preparing` or `checking` before its mergeability is known. */
  mergeStatusDelayMs?: number;
  /** Lists longer than this tell no totals (GitLab: 10,000). */
  countLimit?: number;
}

export interface GitlabDouble {
  url: string;
  /** The double's own memory, for tests in the same process. Everything in it can be had over `/sandbox/*` as well. */
  world: World;
  close(): Promise<void>;
}

/** Starts a GitLab that lives in memory and in bare repositories under `dir`. */
export async function startGitlab(options: GitlabOptions): Promise<GitlabDouble> {
  const world = newWorld(options);
  await mkdir(path.join(world.dir, 'repositories'), { recursive: true });
  const hooksDir = await writeGitHooks(world.dir);
  rootUser(world);
  const app = fastify({
    bodyLimit: 256 * 1024 * 1024,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 2_000, querystringParser: parseNestedQuery },
  });
  takeBodiesRaw(app);
  recordAndSpoil(app, world);
  registerRoutes(app, world, apiRoutes);
  registerAdmin(app, world, hooksDir);
  app.route({
    method: ['GET', 'POST'],
    url: '/*',
    handler: (request, reply) => otherwise(app, world, request, reply),
  });
  app.setErrorHandler((error, _request, reply) => sendError(error, reply));
  app.setNotFoundHandler((_request, reply) => sendError(notFound(), reply));
  world.url = await app.listen({ port: options.port ?? 0, host: options.host ?? '127.0.0.1' });
  return {
    url: world.url,
    world,
    close: async () => {
      await app.close();
      await settle(world);
    },
  };
}

function newWorld(options: GitlabOptions): World {
  const faults = new Faults();
  const version = options.version ?? NEWEST;
  const world: World = {
    url: '',
    dir: path.resolve(options.dir),
    version,
    mergeStatusDelayMs: options.mergeStatusDelayMs ?? 50,
    countLimit: options.countLimit ?? 10_000,
    users: new Map(),
    groups: new Map(),
    projects: new Map(),
    tokens: [],
    requests: [],
    faults,
    hooks: new HookQueue({ version, faults, url: () => world.url, nextId: () => nextId(world) }),
    background: new Set(),
    lastId: 0,
    follow: { pipelineMoved: () => undefined, branchMoved: () => undefined },
  };
  world.follow = followers(world);
  return world;
}

function otherwise(app: FastifyInstance, world: World, request: FastifyRequest, reply: FastifyReply) {
  const [url = ''] = request.url.split('?');
  if (isGitPath(url)) return serveGit(world, request, reply);
  if (url.startsWith('/api/') || url.startsWith('/sandbox/')) return sendError(notFound(), reply);
  return servePage(app, world, request, reply);
}

/** Grape does not care what the content type says about an empty body, and Terraform states are bytes: parse later. */
function takeBodiesRaw(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    done(null, new RawBody(Buffer.from(body), request.headers['content-type'] ?? ''));
  });
}

/** Writes the request log and lets armed faults strike. The admin API is spared both. */
function recordAndSpoil(app: FastifyInstance, world: World): void {
  const resets = new WeakSet<FastifyRequest>();
  app.addHook('preHandler', async (request, reply) => {
    if (request.url.startsWith('/sandbox/')) return undefined;
    for (const fault of world.faults.forCall(request.method, request.url)) {
      if (fault.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms ?? 1_000));
      if (fault.kind === 'reset-after') resets.add(request);
      if (fault.kind === 'reset-before') {
        request.raw.socket.destroy();
        return reply.hijack();
      }
      if (fault.kind === 'status') return refuse(reply, fault.status ?? 500, fault.retryAfter, fault.format);
    }
    return undefined;
  });
  app.addHook('onSend', async (request, reply) => {
    if (!request.url.startsWith('/sandbox/')) log(world, request, reply);
    if (resets.has(request)) request.raw.socket.destroy();
  });
}

function refuse(
  reply: FastifyReply,
  status: number,
  retryAfter: number | undefined,
  format: 'json' | 'text' | undefined,
) {
  reply.code(status);
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  if (status === 429) {
    const reset = Math.floor(Date.now() / 1_000) + (retryAfter ?? 60);
    reply.headers({
      'ratelimit-limit': '2000',
      'ratelimit-name': 'throttle_authenticated_api',
      'ratelimit-observed': '2001',
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(reset),
    });
  }
  if (format === 'text' || (format === undefined && status === 429)) {
    return reply.type('text/plain').send(status === 429 ? 'Retry later\n' : `${status}\n`);
  }
  const texts: Record<number, string> = {
    429: '429 Too Many Requests',
    500: '500 Internal Server Error',
    502: '502 Bad Gateway',
    503: '503 Service Unavailable',
  };
  return reply.send({ message: texts[status] ?? String(status) });
}

function log(world: World, request: FastifyRequest, reply: FastifyReply): void {
  const [url = '', query = ''] = request.url.split('?');
  const writing = request.method !== 'GET' && request.method !== 'HEAD';
  world.requests.push({
    at: now(),
    method: request.method,
    path: url,
    query: query.replace(/private_token=[^&]*/, 'private_token=[MASKED]'),
    status: reply.statusCode,
    user: userOf(world, request),
    body: writing && request.body instanceof RawBody ? readable(request.body) : null,
  });
}

function userOf(world: World, request: FastifyRequest): string | null {
  try {
    const caller = authenticate(world, request);
    return caller?.user.username ?? null;
  } catch {
    const password = basicCredentials(request.headers.authorization)?.password;
    const token = world.tokens.find((one) => one.value === password);
    return token === undefined ? null : userById(world, token.userId).username;
  }
}

function readable(body: RawBody): unknown {
  if (!/json|urlencoded/.test(body.type)) return `${body.bytes.length} bytes`;
  try {
    return body.value();
  } catch {
    return body.bytes.toString('utf8');
  }
}
