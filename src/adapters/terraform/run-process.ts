import { StringDecoder } from 'node:string_decoder';
import { execa } from 'execa';
import type { RunCommand, StopReason } from '#app/ports/terraform.ts';
import { killAll, residentBytes } from './processes.ts';

/** What is left to a run; shared by its steps. */
export interface Budget {
  /** Time the run has to end at, in the clock of `Date.now`. */
  deadline: number;
  outputBytes: number;
  memoryBytes: number;
  signal: AbortSignal;
}

export type Stream = 'stdout' | 'stderr';

export type ProcessEnd =
  | { kind: 'exited'; exitCode: number | undefined; stdout: string }
  | { kind: StopReason };

/**
 * Runs one command of a run to its end, or ends it with everything it started: on a limit, and on the signal. Nothing
 * of it is left when this returns.
 *
 * @param onLine gets each line of output as it comes; of stderr only, when `collect` is given
 * @param collect keeps stdout whole, up to so many bytes
 */
export async function runProcess(
  command: RunCommand,
  budget: Budget,
  onLine: (stream: Stream, line: string) => void,
  collect?: { bytes: number },
): Promise<ProcessEnd> {
  if (budget.signal.aborted) return { kind: 'cancelled' };
  const child = execa(command.file, command.argv, {
    cwd: command.cwd,
    env: command.env,
    extendEnv: false,
    ...(command.uid === undefined ? {} : { uid: command.uid }),
    ...(command.gid === undefined ? {} : { gid: command.gid }),
    stdin: 'ignore',
    encoding: 'buffer',
    buffer: false,
    reject: false,
    // A group of its own, so that it can be ended with the plugins it started.
    detached: true,
  });

  let stopped: StopReason | undefined;
  let ended = false;
  // Awaited before returning: a kill that is still looking around would find the next command of the same user.
  const kills: Promise<void>[] = [];
  const kill = () => void kills.push(killAll(child.pid, command.uid));
  const stop = (reason: StopReason) => {
    if (ended) return;
    stopped ??= reason;
    kill();
  };
  const onAbort = () => stop('cancelled');
  budget.signal.addEventListener('abort', onAbort, { once: true });
  const clock = setTimeout(() => stop('timed-out'), Math.max(0, budget.deadline - Date.now()));
  const memory = setInterval(() => {
    if (child.pid === undefined) return;
    void residentBytes(child.pid, command.uid).then((bytes) => {
      if (bytes > budget.memoryBytes) stop('memory-limit');
    });
  }, memoryInterval);
  // A grandchild may hold the pipes open long after the command itself has ended.
  child.nodeChildProcess.once('exit', kill);

  const kept: Buffer[] = [];
  let keptBytes = 0;
  const spend = (bytes: number) => {
    budget.outputBytes -= bytes;
    if (budget.outputBytes < 0) stop('output-limit');
  };
  readLines(child.stderr, spend, (line) => onLine('stderr', line));
  if (collect === undefined) readLines(child.stdout, spend, (line) => onLine('stdout', line));
  else
    child.stdout.on('data', (chunk: Buffer) => {
      keptBytes += chunk.length;
      if (keptBytes > collect.bytes) stop('output-limit');
      else kept.push(chunk);
    });

  try {
    const result = await child;
    ended = true;
    await Promise.all(kills);
    if (stopped !== undefined) return { kind: stopped };
    if (result.exitCode === undefined && result.signal === undefined)
      onLine('stderr', result.shortMessage ?? 'not started');
    return { kind: 'exited', exitCode: result.exitCode, stdout: Buffer.concat(kept).toString('utf8') };
  } finally {
    clearTimeout(clock);
    clearInterval(memory);
    budget.signal.removeEventListener('abort', onAbort);
  }
}

const memoryInterval = 500;

/** A line longer than this is passed on in pieces. */
const longestLine = 256 * 1024;

function readLines(
  stream: NodeJS.ReadableStream,
  spend: (bytes: number) => void,
  onLine: (line: string) => void,
): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    spend(chunk.length);
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.replace(/\r$/u, ''));
    if (rest.length > longestLine) {
      onLine(rest);
      rest = '';
    }
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
