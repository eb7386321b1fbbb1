import { execa } from 'execa';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RawBody } from './api.ts';
import { basicCredentials, expired } from './auth.ts';
import { ZERO_SHA } from './git/repository.ts';
import { GIT_ENV, tryGit } from './git/run.ts';
import { LEVEL, type Project, type Token, type User } from './model.ts';
import { parseCommands, refusalFor, refsWithoutForce } from './receive.ts';
import { recordPush } from './pushes.ts';
import { accessLevel, findProject, now, userById, type World } from './world.ts';

const PATH = /^\/(.+?)\.git\/(info\/refs|git-upload-pack|git-receive-pack)$/;

export function isGitPath(path: string): boolean {
  return PATH.test(path);
}

/**
 * Git smart HTTP by real `git http-backend`. Any user name with a token as password; fetching needs `read_repository`,
 * pushing `write_repository` (or `api`), the Developer role, and what the protected refs say.
 */
export async function serveGit(world: World, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const [path = '', query = ''] = request.url.split('?');
  const [, projectPath = '', action = ''] = PATH.exec(decodeURIComponent(path)) ?? [];
  const service = action === 'info/refs' ? new URLSearchParams(query).get('service') : action;
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack') {
    return reply.code(403).type('text/plain').send('Git access over HTTP is smart only');
  }
  const project = findProject(world, projectPath);
  const visitor = identify(world, request, project);
  const pushing = service === 'git-receive-pack';
  if (visitor === 'refused') return challenge(reply);
  if (visitor === undefined && (pushing || project?.visibility !== 'public')) return challenge(reply);
  if (project === undefined || !mayRead(world, project, visitor)) {
    const text =
      "The project you were looking for could not be found or you don't have permission to view it.";
    return reply.code(404).type('text/plain').send(text);
  }
  if (pushing && !mayPush(world, project, visitor)) {
    return reply.code(403).type('text/plain').send('You are not allowed to push code to this project.');
  }
  const body = request.body instanceof RawBody ? request.body.bytes : Buffer.alloc(0);
  const user = visitor?.user;
  if (action !== 'git-receive-pack' || user === undefined) {
    return backend(world, project, action, query, request, reply, body, {});
  }
  const updates = parseCommands(body);
  const refusal = await refusalFor(world, project, user, updates);
  const env = {
    SANDBOX_REFUSAL: refusal ?? '',
    SANDBOX_NO_FORCE: refsWithoutForce(project, updates).join(' '),
  };
  return backend(world, project, action, query, request, reply, body, env, async () => {
    const heads = await Promise.all(
      updates.map(async (update) => (await currentSha(project, update.ref)) === update.after),
    );
    const taken = updates.filter((_, at) => heads[at] === true);
    await recordPush(world, project, user, taken);
  });
}

interface Visitor {
  user: User;
  token: Token;
}

function identify(
  world: World,
  request: FastifyRequest,
  project: Project | undefined,
): Visitor | 'refused' | undefined {
  const credentials = basicCredentials(request.headers.authorization);
  if (credentials === undefined) return undefined;
  const token = world.tokens.find((one) => one.value === credentials.password);
  if (token === undefined || token.revoked || expired(token)) return 'refused';
  const { deploy } = token;
  if (deploy !== null && (deploy.username !== credentials.username || deploy.projectId !== project?.id))
    return 'refused';
  if (!['api', 'read_repository', 'write_repository'].some((scope) => token.scopes.includes(scope)))
    return 'refused';
  const user = userById(world, token.userId);
  if (user.state === 'blocked') return 'refused';
  token.lastUsedAt = now();
  return { user, token };
}

function mayRead(world: World, project: Project, visitor: Visitor | undefined): boolean {
  if (project.visibility === 'public') return true;
  if (visitor === undefined) return false;
  if (visitor.token.deploy !== null || project.visibility === 'internal') return true;
  return accessLevel(world, project, visitor.user.id) >= LEVEL.reporter;
}

function mayPush(world: World, project: Project, visitor: Visitor | undefined): boolean {
  if (visitor === undefined || visitor.token.deploy !== null) return false;
  const scoped = ['api', 'write_repository'].some((scope) => visitor.token.scopes.includes(scope));
  return scoped && accessLevel(world, project, visitor.user.id) >= LEVEL.developer;
}

function challenge(reply: FastifyReply): unknown {
  return reply
    .code(401)
    .header('www-authenticate', 'Basic realm="GitLab"')
    .type('text/plain')
    .send(
      'HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you are required to use a token instead of a password.',
    );
}

async function currentSha(project: Project, ref: string): Promise<string> {
  return (await tryGit(project.repository, ['rev-parse', '--verify', '--quiet', ref])) ?? ZERO_SHA;
}

async function backend(
  world: World,
  project: Project,
  action: string,
  query: string,
  request: FastifyRequest,
  reply: FastifyReply,
  body: Buffer,
  hookEnv: Record<string, string>,
  afterwards: () => Promise<void> = async () => undefined,
): Promise<unknown> {
  const header = (name: string) => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : '';
  };
  const result = await execa('git', ['http-backend'], {
    input: body,
    encoding: 'buffer',
    maxBuffer: 1024 * 1024 * 1024,
    reject: false,
    extendEnv: false,
    env: {
      ...GIT_ENV,
      ...hookEnv,
      GIT_PROJECT_ROOT: `${world.dir}/repositories`,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: `/${project.id}.git/${action}`,
      REQUEST_METHOD: request.method,
      QUERY_STRING: query,
      CONTENT_TYPE: header('content-type'),
      CONTENT_LENGTH: String(body.length),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      HTTP_GIT_PROTOCOL: header('git-protocol'),
      REMOTE_USER: 'gitlab',
      REMOTE_ADDR: '127.0.0.1',
    },
  });
  await afterwards();
  const output = Buffer.from(result.stdout);
  const split = output.indexOf('\r\n\r\n');
  if (split < 0) return reply.code(500).type('text/plain').send(Buffer.from(result.stderr).toString('utf8'));
  for (const line of output.subarray(0, split).toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    if (name === 'status') reply.code(Number.parseInt(value, 10));
    else reply.header(name, value);
  }
  return reply.send(output.subarray(split + 4));
}
