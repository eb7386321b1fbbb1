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

/**
 * Starts one of our programs and waits until it says that it is ready: the first JSON line on stdout, or the first
 * message over IPC. Everything else it prints goes to `log`.
 */
export async function startChild<T>(
  argv: readonly string[],
  options: { log: string; env: Record<string, string>; cwd?: string },
): Promise<Child<T>> {
  await mkdir(dirname(options.log), { recursive: true });
  const log = createWriteStream(options.log, { flags: 'a' });
  const child = spawn(process.execPath, argv, {
    env: options.env,
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  child.stderr?.pipe(log);
  const ended = once(child, 'exit');
  const ready = await firstWord<T>(child, log, options.log, argv);
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
