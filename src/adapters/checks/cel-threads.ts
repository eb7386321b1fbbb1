import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { CheckReport, CheckRule, CheckSubject } from '#domain/checks.ts';

export interface CelLimits {
  /** Milliseconds for all rules together, on one plan. */
  wallMs: number;
  /** MiB of heap. */
  heapMb: number;
}

/** What a thread is asked. */
export interface Evaluation {
  rules: readonly CheckRule[];
  subject: CheckSubject;
}

/** What a thread says: a report after each rule, and that it is through. */
export type Told = { report: CheckReport } | 'done';

export interface Evaluated {
  reports: ReadonlyMap<string, CheckReport>;
  /** Why there is no report of a rule. */
  why: string;
}

/**
 * Threads that evaluate rules, one plan at a time each and no more of them than there are cores: starting one takes
 * longer than most plans do. One that broke a limit is ended, and the next plan gets another.
 */
export function createCelThreads({
  wallMs,
  heapMb,
}: CelLimits): (evaluation: Evaluation) => Promise<Evaluated> {
  const idle: Worker[] = [];
  const waiting: ((thread: Worker) => void)[] = [];
  let threads = 0;

  const start = (): Worker => {
    threads += 1;
    return new Worker(new URL('./cel-thread.ts', import.meta.url), {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
  };
  const take = (): Worker | Promise<Worker> => {
    const free = idle.pop();
    if (free !== undefined) return free;
    return threads < availableParallelism() ? start() : new Promise((resolve) => waiting.push(resolve));
  };
  const giveBack = (thread: Worker) => {
    const next = waiting.shift();
    if (next !== undefined) return next(thread);
    // It keeps no process alive that has nothing else to do.
    thread.unref();
    idle.push(thread);
  };
  const replace = () => {
    threads -= 1;
    const next = waiting.shift();
    if (next !== undefined) next(start());
  };

  return async (evaluation) => {
    const thread = await take();
    thread.ref();
    const { evaluated, usable } = await evaluate(thread, evaluation, { wallMs, heapMb });
    if (usable) giveBack(thread);
    else replace();
    return evaluated;
  };
}

/** One evaluation; the thread is usable afterwards if it came to its end by itself. */
function evaluate(
  thread: Worker,
  evaluation: Evaluation,
  { wallMs, heapMb }: CelLimits,
): Promise<{ evaluated: Evaluated; usable: boolean }> {
  const { promise, resolve } = Promise.withResolvers<{ evaluated: Evaluated; usable: boolean }>();
  const reports = new Map<string, CheckReport>();
  let why = 'the evaluation ended early';
  const end = (usable: boolean) => {
    clearTimeout(timer);
    for (const event of ['message', 'error', 'exit']) thread.removeAllListeners(event);
    // A thread that broke a limit may break another on its way out.
    thread.on('error', () => undefined);
    resolve({ evaluated: { reports, why }, usable });
  };
  const timer = setTimeout(() => {
    why = `not decided within ${wallMs / 1000} s`;
    void thread.terminate();
  }, wallMs);
  thread.on('message', (told: Told) => {
    if (told === 'done') end(true);
    else reports.set(told.report.name, told.report);
  });
  thread.on('error', (error: NodeJS.ErrnoException) => {
    why = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? `needs more than ${heapMb} MiB` : error.message;
  });
  thread.on('exit', () => end(false));
  thread.postMessage(evaluation satisfies Evaluation);
  return promise;
}
