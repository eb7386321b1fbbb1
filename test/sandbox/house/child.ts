import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { once } from 'node:events';

/** A process of the house: what it said when it was ready, and how it is ended. */
export interface Child<T> {
  pid: number;
  ready: T;
  /** SIGTERM, and SIGKILL when that is not enough in time. */
  stop(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Resolves when it has ended, however. */
  ended: Promise<unknown>;
}

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 10_000;

export interface ChildOptions {
  log: string;
  env: Record<string, string>;
  cwd?: string;
  /** Ends the start: nothing is begun any more, and what has begun is killed. */
  signal?: AbortSignal;
}

/**
 * Starts one of our programs and waits until it says that it is ready: the first JSON line on stdout, or the first
 * message over IPC. Everything else it prints goes to `log`.
 *
 * It gets a session of its own, so that Ctrl-C in a terminal reaches whoever started it and the end comes in order;
 * when that one dies without a goodbye, the kernel ends it too (`setpriv --pdeathsig`).
 */
export async function startChild<T>(argv: readonly string[], options: ChildOptions): Promise<Child<T>> {
  await mkdir(dirname(options.log), { recursive: true });
  options.signal?.throwIfAborted();
  const log = createWriteStream(options.log, { flags: 'a' });
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, ...argv], {
    env: options.env,
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    detached: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  child.stderr?.pipe(log);
  const ended = once(child, 'exit');
  const abort = () => void child.kill('SIGKILL');
  options.signal?.addEventListener('abort', abort);
  const ready = await firstWord<T>(child, log, options.log, argv);
  options.signal?.removeEventListener('abort', abort);
  return {
    pid: child.pid ?? 0,
    ready,
    ended,
    signal: (name) => void child.kill(name),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

function firstWord<T>(
  child: ChildProcess,
  log: NodeJS.WritableStream,
  logFile: string,
  argv: readonly string[],
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const name = argv[0] ?? '';
    const timer = setTimeout(
      () => reject(new Error(`${name} was not ready in time; see ${logFile}`)),
      READY_WITHIN_MS,
    );
    const settle = (value: T) => {
      clearTimeout(timer);
      resolve(value);
    };
    child.once('message', (message) => settle(message as T));
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`${name} ended with ${code ?? 'a signal'} before it was ready; see ${logFile}`));
    });
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      log.write(chunk);
      if (text.includes('\n')) return;
      text += chunk;
      const line = text.split('\n')[0] ?? '';
      if (text.includes('\n') && line.startsWith('{"url"')) settle(JSON.parse(line) as T);
    });
  });
}
