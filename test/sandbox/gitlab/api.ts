import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authenticate, type Caller, requireScope } from './auth.ts';
import { ApiError, badRequest, forbidden, notFound, unauthorized } from './errors.ts';
import { LEVEL, type MergeRequest, type Project } from './model.ts';
import { findMergeRequest } from './merge-requests.ts';
import { Params, parseNestedQuery } from './params.ts';
import { accessLevel, findProject, type World } from './world.ts';

/** One API call on its way through a route. */
export interface Call {
  world: World;
  params: Params;
  path: Record<string, string>;
  caller: Caller | null;
  raw: Buffer;
  request: FastifyRequest;
  reply: FastifyReply;
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v4`, in fastify's notation. */
  path: string;
  /** Token scopes that open it; by default `api`, and `read_api` too for reading. An empty list takes any token. */
  scopes?: string[];
  /** The body is the caller's business (a Terraform state), not parameters. */
  rawBody?: boolean;
  run: (call: Call) => unknown;
}

/** A request body as it came, for whoever needs the bytes. */
export class RawBody {
  readonly bytes: Buffer;
  readonly type: string;

  constructor(bytes: Buffer, type: string) {
    this.bytes = bytes;
    this.type = type;
  }

  /** The parameters in it: JSON or a form. */
  value(): unknown {
    const text = this.bytes.toString('utf8');
    if (text.trim() === '') return {};
    if (this.type.startsWith('application/x-www-form-urlencoded')) return parseNestedQuery(text);
    try {
      return JSON.parse(text);
    } catch {
      throw badRequest('The body is not valid JSON');
    }
  }
}

const SUCCESS = { GET: 200, POST: 201, PUT: 200, PATCH: 200, DELETE: 204 } as const;

export function registerRoutes(app: FastifyInstance, world: World, routes: Route[]): void {
  for (const route of routes) {
    app.route({
      method: route.method,
      url: `/api/v4${route.path}`,
      handler: async (request, reply) => {
        const caller = authenticate(world, request);
        const reading = route.method === 'GET';
        if (caller === null && !reading) throw unauthorized();
        if (caller !== null) requireScope(caller, route.scopes ?? (reading ? ['api', 'read_api'] : ['api']));
        const body = request.body instanceof RawBody ? request.body : new RawBody(Buffer.alloc(0), '');
        const params = new Params(request.query, route.rawBody === true ? {} : body.value());
        const path = request.params as Record<string, string>;
        reply.code(SUCCESS[route.method]);
        const result = await route.run({ world, params, path, caller, raw: body.bytes, request, reply });
        return reply.send(result);
      },
    });
  }
}

export function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  if (error instanceof ApiError) return reply.code(error.status).headers(error.headers).send(error.body);
  return reply.code(500).send({ message: '500 Internal Server Error', error: String(error) });
}

export function callerOf(call: Call): Caller {
  if (call.caller === null) throw unauthorized();
  return call.caller;
}

/** The project in the path. One the caller may not see is 404, as if it were not there. */
export function projectOf(call: Call): Project {
  const project = findProject(call.world, call.path['id'] ?? '');
  if (project === undefined || !maySee(call, project)) throw notFound('Project');
  return project;
}

/** The project, when the caller has at least this role in it; else 403 (or 401 without a token). */
export function projectFor(call: Call, level: number): Project {
  const project = projectOf(call);
  requireLevel(call, project, level);
  return project;
}

export function requireLevel(call: Call, project: Project, level: number): void {
  if (accessLevel(call.world, project, callerOf(call).user.id) < level) throw forbidden();
}

export function mergeRequestOf(call: Call): { project: Project; mergeRequest: MergeRequest } {
  const project = projectOf(call);
  if (project.visibility === 'private') requireLevel(call, project, LEVEL.reporter);
  return { project, mergeRequest: findMergeRequest(project, call.path['iid'] ?? '') };
}

function maySee(call: Call, project: Project): boolean {
  if (project.visibility === 'public') return true;
  if (call.caller === null) return false;
  const { user, token } = call.caller;
  if (token.deploy !== null) return false;
  if (project.visibility === 'internal') return true;
  return accessLevel(call.world, project, user.id) >= LEVEL.guest;
}
