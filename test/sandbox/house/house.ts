import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Child, startChild } from './child.ts';
import {
  type HookSecrets,
  type HouseSettings,
  makeHookSecrets,
  writeConfiguration,
} from './configuration.ts';
import { post } from './http.ts';
import { type Scene, setScene } from './scene.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface HouseOptions extends HouseSettings {
  /** Everything of the house lies below: repositories, secrets, runs, spools, logs. */
  dir: string;
  database: { url: string; adminUrl: string };
  redisUrl?: string;
  /** Worker processes to begin with; default 1. */
  workers?: number;
  /** Whether GitLab and JIRA send webhooks; default true. */
  hooks?: boolean;
  /** The repository's first commit; gets to know where GitLab is and which number its project will have. */
  files(place: { gitlabUrl: string; project: number }): Record<string, string>;
  mergeStatusDelayMs?: number;
}

/** A whole Countersign with its GitLab and JIRA, each a process of its own, spoken to over HTTP and git only. */
export interface House {
  dir: string;
  gitlabUrl: string;
  jiraUrl: string;
  serverUrl: string;
  scene: Scene;
  hooks: HookSecrets & { gitlabHookId: number; jiraHookId: number };
  workers: Child<unknown>[];
  startWorker(environment?: Record<string, string>): Promise<Child<unknown>>;
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  /** Runs the command line with the service's configuration. */
  cli(...args: string[]): Promise<{ code: number; output: string }>;
  /** What the processes printed. */
  logs: string;
  close(): Promise<void>;
}

/** Starts everything, in an order in which each finds what it needs, as much at once as can be. */
export async function startHouse(options: HouseOptions): Promise<House> {
  const { dir } = options;
  const logs = join(dir, 'logs');
  const plain = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '/',
    TMPDIR: process.env['TMPDIR'] ?? '/tmp',
  };
  const [gitlab, jira, port] = await Promise.all([
    startChild<{ url: string }>(
      [
        join(ROOT, 'test/sandbox/gitlab/main.ts'),
        ...['--dir', join(dir, 'gitlab')],
        ...['--merge-status-delay-ms', String(options.mergeStatusDelayMs ?? 50)],
      ],
      { log: join(logs, 'gitlab.log'), env: plain },
    ),
    startChild<{ url: string }>([join(ROOT, 'test/sandbox/jira/main.ts')], {
      log: join(logs, 'jira.log'),
      env: plain,
    }),
    freePort(),
  ]);
  const gitlabUrl = gitlab.ready.url;
  const jiraUrl = jira.ready.url;
  const serverUrl = `http://127.0.0.1:${port}`;
  const scene = await setScene(gitlabUrl, jiraUrl, (project) => options.files({ gitlabUrl, project }));
  const secrets = makeHookSecrets();
  const { config, signerKey } = await writeConfiguration(
    { dir, gitlabUrl, jiraUrl, externalUrl: serverUrl },
    scene,
    secrets,
    options,
  );
  const env = {
    ...plain,
    COUNTERSIGN_CONFIG: config,
    DATABASE_URL: options.database.url,
    MIGRATION_DATABASE_URL: options.database.adminUrl,
    ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
  };
  await runCli(env, 'audit', 'keygen', signerKey, 'countersign.example/sandbox');

  let server: Child<unknown> | undefined;
  const workers: Child<unknown>[] = [];
  const startServer = async () => {
    server = await startChild([join(ROOT, 'src/server.ts')], { log: join(logs, 'server.log'), env });
  };
  const startWorker = async (environment: Record<string, string> = {}) => {
    const log = join(logs, `worker-${workers.length + 1}.log`);
    const worker = await startChild([join(ROOT, 'workers/main.ts')], {
      log,
      env: { ...env, ...environment },
    });
    workers.push(worker);
    return worker;
  };
  const [, hookIds] = await Promise.all([
    startServer(),
    options.hooks === false
      ? { gitlabHookId: 0, jiraHookId: 0 }
      : registerHooks({ gitlabUrl, jiraUrl, serverUrl }, scene, secrets),
    ...Array.from({ length: options.workers ?? 1 }, () => startWorker()),
  ]);
  return {
    dir,
    gitlabUrl,
    jiraUrl,
    serverUrl,
    scene,
    hooks: { ...secrets, ...hookIds },
    workers,
    startWorker,
    startServer,
    async stopServer() {
      await server?.stop();
    },
    cli: (...args) => runCli(env, ...args),
    logs,
    async close() {
      await Promise.all([...workers.map((worker) => worker.stop()), server?.stop()]);
      await Promise.all([gitlab.stop(), jira.stop()]);
    },
  };
}

/** Hooks as a maintainer would set them up, on both systems. */
async function registerHooks(
  { gitlabUrl, jiraUrl, serverUrl }: { gitlabUrl: string; jiraUrl: string; serverUrl: string },
  scene: Scene,
  secrets: HookSecrets,
): Promise<{ gitlabHookId: number; jiraHookId: number }> {
  const gitlab = post<{ id: number }>(
    `${gitlabUrl}/api/v4/projects/${scene.project.id}/hooks`,
    {
      url: `${serverUrl}/hooks/gitlab/${secrets.gitlabSegment}`,
      signing_token: secrets.gitlabSigningToken,
      merge_requests_events: true,
      note_events: true,
      pipeline_events: true,
      push_events: true,
      tag_push_events: true,
    },
    { 'private-token': scene.players.olga.gitlab.token },
  );
  const { admin } = scene.jira;
  const jira = post<{ self: string }>(
    `${jiraUrl}/rest/webhooks/1.0/webhook`,
    {
      name: 'Countersign',
      url: `${serverUrl}/hooks/jira/${secrets.jiraSegment}`,
      events: [
        'jira:issue_updated',
        'jira:issue_deleted',
        'issue_property_set',
        'issue_property_deleted',
        'attachment_deleted',
      ],
      secret: secrets.jiraSecret,
      filters: {},
    },
    { authorization: `Basic ${Buffer.from(`${admin.email}:${admin.token}`).toString('base64')}` },
  );
  const [gitlabHook, jiraHook] = await Promise.all([gitlab, jira]);
  return { gitlabHookId: gitlabHook.id, jiraHookId: Number(jiraHook.self.split('/').at(-1)) };
}

async function runCli(
  env: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; output: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [join(ROOT, 'src/cli.ts'), ...args],
      { env },
    );
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string };
    return { code: code ?? -1, output: `${stdout ?? ''}${stderr ?? ''}` };
  }
}

/** A port that was free a moment ago: the hooks' address has to be known before the server listens on it. */
function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolvePort(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
