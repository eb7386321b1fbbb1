import { freePort } from './free-port.ts';
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Child, startChild } from './child.ts';
import {
  type HookSecrets,
  type HouseSettings,
  makeHookSecrets,
  signerKeyFile,
  writeConfiguration,
} from './configuration.ts';
import { post } from './http.ts';
import { type JiraFlavour, jiraCredentials, usualJira } from './jira-flavour.ts';
import { type Scene, setScene } from './scene.ts';
import { supervisorsOf } from './supervisors.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** An apply of the sandbox takes a second or two. */
const SUPERVISORS_WITHIN_MS = 15_000;

export interface HouseOptions extends HouseSettings {
  /** Everything of the house lies below: repositories, secrets, runs, spools, logs. */
  dir: string;
  database: Database | Promise<Database>;
  /** Runs `countersign migrate` first; without it the database is taken to be migrated. */
  migrate?: boolean;
  redisUrl?: string;
  /** Worker processes to begin with; default 1. */
  workers?: number;
  /** Whether GitLab and JIRA send webhooks; default true. */
  hooks?: boolean;
  /** The repository's first commit; gets to know where GitLab is and which number its project will have. */
  files(place: { gitlabUrl: string; project: number }): Record<string, string>;
  /** Which JIRA; as `usualJira` says when left out. */
  jira?: JiraFlavour;
  mergeStatusDelayMs?: number;
  /** Which GitLab; default the newest that the double plays. */
  gitlabVersion?: '17.3' | '18.6' | '19.0';
  /** Told when a part of the house stands, with the address that was given to it if it has one. */
  tell?: (part: HousePart, url?: string) => void;
  /** Ends the start: what has begun is stopped, and the promise is rejected. */
  signal?: AbortSignal;
}

export type HousePart = 'GitLab' | 'JIRA' | 'schema' | 'server' | 'worker';

/** One database, as the service's role and as the owner of everything. */
export interface Database {
  url: string;
  adminUrl: string;
}

/** A whole Countersign with its GitLab and JIRA, each a process of its own, spoken to over HTTP and git only. */
export interface House {
  dir: string;
  gitlabUrl: string;
  jira: JiraFlavour;
  jiraUrl: string;
  serverUrl: string;
  scene: Scene;
  hooks: HookSecrets & { gitlabHookId: number; jiraHookId: number };
  workers: Child<unknown>[];
  /** Process id of the server that runs, or ran last. */
  serverPid(): number;
  startWorker(environment?: Record<string, string>): Promise<Child<unknown>>;
  stopServer(): Promise<void>;
  /** As the kernel would: nothing is finished, nothing is said. */
  killServer(): Promise<void>;
  startServer(): Promise<void>;
  /** Runs the command line with the service's configuration. */
  cli(...args: string[]): Promise<{ code: number; output: string }>;
  /** What the processes printed. */
  logs: string;
  close(): Promise<void>;
}

/**
 * Starts everything, in an order in which each finds what it needs, as much at once as can be. When something does not
 * start, what had started is stopped again.
 */
export async function startHouse(options: HouseOptions): Promise<House> {
  const running: Running = { doubles: [], service: [] };
  const close = () => closeHouse(running, options.dir);
  try {
    return await furnish(options, running, close);
  } catch (error) {
    await close();
    throw error;
  }
}

interface Address {
  url: string;
}

interface Running {
  doubles: Child<unknown>[];
  service: Child<unknown>[];
}

async function furnish(options: HouseOptions, running: Running, close: () => Promise<void>): Promise<House> {
  const { dir, tell = () => undefined } = options;
  const logs = join(dir, 'logs');
  const flavour = options.jira ?? usualJira();
  const plain = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '/',
    TMPDIR: process.env['TMPDIR'] ?? '/tmp',
    // A dozen short-lived processes load the same modules.
    NODE_COMPILE_CACHE: join(ROOT, '.cache/compile'),
  };
  const start = async <T>(name: string, env: Record<string, string>, program: string, ...args: string[]) => {
    const child = await startChild<T>([join(ROOT, program), ...args], {
      log: join(logs, `${name}.log`),
      env,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    (program.startsWith('test/') ? running.doubles : running.service).push(child);
    return child;
  };
  const asked = [
    '--merge-status-delay-ms',
    String(options.mergeStatusDelayMs ?? 50),
    '--version',
    options.gitlabVersion ?? '19.0',
  ];
  const [gitlab, jira, port] = await allOf([
    start<Address>('gitlab', plain, 'test/sandbox/gitlab/main.ts', '--dir', join(dir, 'gitlab'), ...asked),
    start<Address>('jira', { ...plain, JIRA_EDITION: flavour }, 'test/sandbox/jira/main.ts'),
    freePort(),
    makeSignerKey(plain, dir),
  ]);
  const gitlabUrl = gitlab.ready.url;
  const jiraUrl = jira.ready.url;
  const serverUrl = `http://127.0.0.1:${port}`;
  tell('GitLab', gitlabUrl);
  tell('JIRA', jiraUrl);
  const scene = await setScene(gitlabUrl, jiraUrl, (project) => options.files({ gitlabUrl, project }));
  const secrets = makeHookSecrets();
  const config = await writeConfiguration(
    { dir, gitlabUrl, jira: flavour, jiraUrl, externalUrl: serverUrl },
    scene,
    secrets,
    options,
  );
  const database = await options.database;
  const env = {
    ...plain,
    COUNTERSIGN_CONFIG: config,
    DATABASE_URL: database.url,
    MIGRATION_DATABASE_URL: database.adminUrl,
    ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
  };
  if (options.migrate === true) await mustSucceed(env, 'migrate');
  tell('schema');

  let server: Child<unknown> | undefined;
  const workers: Child<unknown>[] = [];
  let started = 0;
  const startServer = async () => {
    server = await start('server', env, 'src/server.ts');
    tell('server', serverUrl);
  };
  const startWorker = async (environment: Record<string, string> = {}) => {
    started += 1;
    const worker = await start(`worker-${started}`, { ...env, ...environment }, 'workers/main.ts');
    workers.push(worker);
    tell('worker');
    return worker;
  };
  const [, hookIds] = await allOf([
    startServer(),
    options.hooks === false
      ? { gitlabHookId: 0, jiraHookId: 0 }
      : registerHooks({ gitlabUrl, jira: flavour, jiraUrl, serverUrl }, scene, secrets),
    ...Array.from({ length: options.workers ?? 1 }, () => startWorker()),
  ]);
  return {
    dir,
    gitlabUrl,
    jira: flavour,
    jiraUrl,
    serverUrl,
    scene,
    hooks: { ...secrets, ...hookIds },
    workers,
    serverPid: () => server?.pid ?? 0,
    startWorker,
    startServer,
    async stopServer() {
      await server?.stop();
    },
    async killServer() {
      server?.signal('SIGKILL');
      await server?.ended;
    },
    cli: (...args) => runCli(env, ...args),
    logs,
    close,
  };
}
/**
 * Stops the service, waits for the supervisors it leaves behind, as it must, and takes GitLab and JIRA away only then:
 * an apply still writes its state there.
 */
async function closeHouse({ service, doubles }: Running, dir: string): Promise<void> {
  await Promise.all(service.map((child) => child.stop()));
  const end = Date.now() + SUPERVISORS_WITHIN_MS;
  let left = await supervisorsOf(dir);
  while (left.length > 0 && Date.now() < end) {
    await new Promise((done) => setTimeout(done, 100));
    left = await supervisorsOf(dir);
  }
  for (const pid of left) process.kill(pid, 'SIGKILL');
  await Promise.all(doubles.map((child) => child.stop()));
}

/** Waits for all of them even when one fails, so that nobody is still at work when its failure is dealt with. */
async function allOf<const T extends readonly unknown[]>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** Hooks as a maintainer would set them up, on both systems. */
async function registerHooks(
  {
    gitlabUrl,
    jira: flavour,
    jiraUrl,
    serverUrl,
  }: Pick<House, 'gitlabUrl' | 'jira' | 'jiraUrl' | 'serverUrl'>,
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
    jiraCredentials(flavour, admin),
  );
  const [gitlabHook, jiraHook] = await Promise.all([gitlab, jira]);
  return { gitlabHookId: gitlabHook.id, jiraHookId: Number(jiraHook.self.split('/').at(-1)) };
}

async function makeSignerKey(env: Record<string, string>, dir: string): Promise<void> {
  const file = signerKeyFile(dir);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await mustSucceed(env, 'audit', 'keygen', file, 'countersign.example/sandbox');
}

async function mustSucceed(env: Record<string, string>, ...args: string[]): Promise<void> {
  const { code, output } = await runCli(env, ...args);
  if (code !== 0) throw new Error(`countersign ${args.join(' ')} ended with ${code}:\n${output}`);
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

/**
 * A port to listen on a little later: the hooks' address has to be known before the server is there. Taken from below
 * the range from which the kernel gives ports to others, and at random, so that houses beside each other do not meet.
 */
