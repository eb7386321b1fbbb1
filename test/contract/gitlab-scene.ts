import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type GitlabDouble, type GitlabOptions, startGitlab } from '#test/sandbox/gitlab/server.ts';

export type Json = Record<string, unknown>;

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON, or the text where it is none. */
  body: unknown;
}

/** A project with an engineer (Developer), a maintainer, a stranger and the service's bot, and a branch to be merged. */
export interface Scene {
  gitlab: GitlabDouble;
  dir: string;
  project: number;
  engineer: Account;
  maintainer: Account;
  stranger: Account;
  bot: Account;
  /** The head of the branch `feature`. */
  head: string;
  /** One call of the REST API below `/projects/:id`; `path` may begin with `//` to leave the project out. */
  api(method: string, path: string, body?: unknown, token?: string | null): Promise<Answer>;
  sandbox(method: string, path: string, body?: unknown): Promise<Answer>;
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface Account {
  id: number;
  username: string;
  token: string;
}

export async function setScene(options: Partial<GitlabOptions> = {}): Promise<Scene> {
  const dir = await mkdtemp(path.join(tmpdir(), 'gitlab-double-'));
  const gitlab = await startGitlab({ dir: path.join(dir, 'server'), mergeStatusDelayMs: 10, ...options });
  const sandbox = (method: string, url: string, body?: unknown) =>
    call(`${gitlab.url}/sandbox${url}`, method, body);
  const account = async (username: string, name: string): Promise<Account> => {
    const user = record((await sandbox('POST', '/users', { username, name })).body);
    const token = record((await sandbox('POST', '/tokens', { user: username, scopes: ['api'] })).body);
    return { id: Number(user['id']), username, token: String(token['token']) };
  };
  const engineer = await account('erin', 'Erin Engineer');
  const maintainer = await account('mara', 'Mara Maintainer');
  const stranger = await account('sam', 'Sam Stranger');
  const files = { 'main.tf': 'one\n', 'other/main.tf': 'two\n' };
  const project = Number(
    record((await sandbox('POST', '/projects', { path: 'infra/network', files })).body)['id'],
  );
  await sandbox('POST', '/members', { user: 'erin', group: 'infra', access_level: 30 });
  await sandbox('POST', '/members', { user: 'mara', project, access_level: 40 });
  const made = record((await sandbox('POST', `/projects/${project}/bots`, { name: 'Countersign' })).body);
  const botUser = record(made['user']);
  const bot = {
    id: Number(botUser['id']),
    username: String(botUser['username']),
    token: String(made['token']),
  };
  const commit = {
    user: 'erin',
    branch: 'feature',
    files: { 'main.tf': 'three\n' },
    message: 'Change main\n',
  };
  const head = String(record((await sandbox('POST', `/projects/${project}/commits`, commit)).body)['sha']);
  return {
    gitlab,
    dir,
    project,
    engineer,
    maintainer,
    stranger,
    bot,
    head,
    sandbox,
    api: (method, url, body, token = bot.token) => {
      const below = url.startsWith('//') ? url.slice(1) : `/projects/${project}${url}`;
      return call(`${gitlab.url}/api/v4${below}`, method, body, token);
    },
    settle: async () => {
      await sandbox('POST', '/settle');
    },
    close: async () => {
      await gitlab.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Opens a merge request from `feature` into `main` as the engineer. */
export async function openMergeRequest(scene: Scene, more: Json = {}): Promise<Json> {
  const wish = { title: 'Change main', source_branch: 'feature', target_branch: 'main', ...more };
  const answer = await scene.api('POST', '/merge_requests', wish, scene.engineer.token);
  if (answer.status !== 201) throw new Error(`no merge request: ${JSON.stringify(answer.body)}`);
  return record(answer.body);
}

export async function call(
  url: string,
  method: string,
  body?: unknown,
  token?: string | null,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined || token === null ? {} : { 'private-token': token }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}

export function record(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`not an object: ${JSON.stringify(value)}`);
  }
  return value as Json;
}

export function records(value: unknown): Json[] {
  if (!Array.isArray(value)) throw new Error(`not a list: ${JSON.stringify(value)}`);
  return value.map(record);
}

/** Runs git as a person would, without this machine's configuration; standard error is part of the outcome. */
export async function git(
  cwd: string,
  ...args: string[]
): Promise<{ ok: boolean; output: string; stdout: string }> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Erin Engineer',
    GIT_AUTHOR_EMAIL: 'erin@example.com',
    GIT_COMMITTER_NAME: 'Erin Engineer',
    GIT_COMMITTER_EMAIL: 'erin@example.com',
  };
  try {
    const { stdout, stderr } = await promisify(execFile)('git', args, { cwd, env });
    return { ok: true, output: stdout + stderr, stdout: stdout.trim() };
  } catch (error) {
    return { ok: false, output: String((error as { stderr?: unknown }).stderr), stdout: '' };
  }
}

/** A clone URL with the token in it. */
export function cloneUrl(scene: Scene, token: string, project = 'infra/network'): string {
  return `${scene.gitlab.url.replace('://', `://any:${token}@`)}/${project}.git`;
}

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  payload: Json;
}

/** A receiver of webhooks; `status` is what it answers. */
export async function receiveHooks(status = 200) {
  const received: Received[] = [];
  const state = { status };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      received.push({ headers: request.headers, body, payload: record(JSON.parse(body)) });
      response.writeHead(state.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    state,
    of: (kind: string) => received.filter((one) => one.payload['object_kind'] === kind),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
