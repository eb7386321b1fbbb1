import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync } from 'node:fs';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { binariesFor, reachable } from './postgres-binaries.ts';

/*
 * A private PostgreSQL server for the tests and the demo. It listens on a socket only, and the socket lies in
 * a folder that belongs to the server's user with mode 0700: root and that user get in, nobody else does, so
 * trust authentication is enough, and terraform, which runs as a third user, cannot knock.
 */

export interface PostgresServer {
  /** Where the binaries came from, to show to a person. */
  readonly source: string;
  readonly directory: string;
  /** Connection URL of a database as a role. */
  url(database: string, role?: string): string;
  /** Fast shutdown; a temporary folder goes too. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Keeps the data here, for the next start. Without it a temporary folder is used and removed. */
  readonly directory?: string;
  /** `false` turns fsync off: for data that nobody will miss. */
  readonly durable: boolean;
}

const superuser = 'postgres';
const temporaryPrefix = 'countersign-pg-';
const startLimitMs = 30_000;
const stopLimitMs = 20_000;
/** `nobody`: PostgreSQL refuses to run as root, and initdb needs a user that has a name. */
const nobody = 65_534;

/**
 * Starts PostgreSQL, creating its data on the first start. A server that an earlier, killed run left behind on
 * the same folder is stopped first. The server is stopped by the kernel when this process dies without a goodbye.
 *
 * @throws Error with the cause and the next thing to type
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const uid = process.getuid?.() === 0 ? nobody : undefined;
  const directory = prepareDirectory(options.directory, uid);
  const data = path.join(directory, 'data');
  const { bin, source } = binariesFor(uid, directory);
  if (existsSync(path.join(data, 'PG_VERSION'))) await stopLeftover(data);
  else await initialize(bin, data, uid);

  const child = launch(bin, data, directory, uid, options.durable);
  try {
    await untilReady(child, data);
  } catch (error) {
    child.kill('SIGQUIT');
    throw new Error(
      `PostgreSQL (${source}) did not start: ${(error as Error).message}\n${logTail(directory)}`,
    );
  }
  return {
    source,
    directory,
    url: (database, role = superuser) =>
      `postgres://${role}@localhost/${database}?host=${encodeURIComponent(directory)}`,
    stop: async () => {
      await stopChild(child);
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

function prepareDirectory(wanted: string | undefined, uid: number | undefined): string {
  if (wanted === undefined) removeAbandoned(uid ?? process.getuid?.());
  else mkdirSync(wanted, { recursive: true });
  const directory = wanted ?? mkdtempSync(path.join(tmpdir(), temporaryPrefix));
  if (directory.length > 85) {
    throw new Error(
      `${directory} is too long for a PostgreSQL socket (85 characters at most). Use a shorter one.`,
    );
  }
  if (uid === undefined) return directory;
  if (!reachable(path.dirname(directory), uid)) {
    throw new Error(
      `PostgreSQL cannot start as root and user "nobody" cannot reach ${directory}. ` +
        'Set TMPDIR to a folder that everybody may enter, or run as another user.',
    );
  }
  chownSync(directory, uid, uid);
  chmodSync(directory, 0o700);
  return directory;
}

// Folders of runs that were killed: their server is gone (it removes its pid file), the data is not.
function removeAbandoned(owner: number | undefined): void {
  const anHourAgo = Date.now() - 3_600_000;
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(temporaryPrefix))) {
    const directory = path.join(tmpdir(), name);
    const found = statSync(directory, { throwIfNoEntry: false });
    if (found === undefined || found.uid !== owner || found.mtimeMs > anHourAgo) continue;
    if (existsSync(path.join(directory, 'data/postmaster.pid'))) continue;
    rmSync(directory, { recursive: true, force: true });
  }
}

async function initialize(bin: string, data: string, uid: number | undefined): Promise<void> {
  const args = ['-D', data, '-U', superuser, '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'];
  const identity = uid === undefined ? {} : { uid, gid: uid };
  await promisify(execFile)(path.join(bin, 'initdb'), args, { ...identity, cwd: path.dirname(data) });
}

function launch(
  bin: string,
  data: string,
  socket: string,
  uid: number | undefined,
  durable: boolean,
): ChildProcess {
  const settings = ['listen_addresses=', `unix_socket_directories=${socket}`, 'max_connections=200'];
  settings.push('timezone=UTC', 'log_min_messages=warning');
  if (!durable) settings.push('fsync=off', 'synchronous_commit=off', 'full_page_writes=off');
  const identity = uid === undefined ? [] : [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  const postgres = [
    path.join(bin, 'postgres'),
    '-D',
    data,
    ...settings.flatMap((setting) => ['-c', setting]),
  ];
  const log = openSync(path.join(socket, 'postgres.log'), 'a');
  // setpriv asks the kernel for a SIGINT (fast shutdown) at the death of this process. The server gets a
  // session of its own, so that Ctrl-C in a terminal reaches us alone and we can stop things in order.
  const child = spawn('setpriv', [...identity, '--pdeathsig', 'INT', ...postgres], {
    cwd: socket,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return child;
}

// The last line of the pid file is the postmaster's own word on its state; pg_ctl reads it, too.
async function untilReady(child: ChildProcess, data: string): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  const deadline = Date.now() + startLimitMs;
  while (Date.now() < deadline) {
    if (failure) throw failure;
    if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`);
    const [pid, ...rest] = pidFile(data);
    if (Number(pid) === child.pid && rest.at(6)?.trim() === 'ready') return;
    await sleep(20);
  }
  throw new Error(`it was not ready after ${startLimitMs / 1000} s`);
}

async function stopLeftover(data: string): Promise<void> {
  const pid = Number(pidFile(data)[0]);
  const deadline = Date.now() + stopLimitMs;
  let signal: NodeJS.Signals | 0 = 'SIGINT';
  while (isPostgresOn(pid, data)) {
    if (Date.now() > deadline)
      throw new Error(`An earlier PostgreSQL (pid ${pid}) on ${data} does not stop.`);
    process.kill(pid, signal);
    signal = 0;
    await sleep(50);
  }
}

// A pid alone may have been given to somebody else since; the server's folder is its working directory.
function isPostgresOn(pid: number, data: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
  } catch {
    return false;
  }
}

function pidFile(data: string): string[] {
  try {
    return readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  // A fast shutdown takes milliseconds. What still hangs after this long recovers from its log anyway.
  const impatience = setTimeout(() => child.kill('SIGQUIT'), stopLimitMs);
  await ended;
  clearTimeout(impatience);
}

function logTail(directory: string): string {
  try {
    return readFileSync(path.join(directory, 'postgres.log'), 'utf8').split('\n').slice(-15).join('\n');
  } catch {
    return '';
  }
}
