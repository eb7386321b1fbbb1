import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { CheckReport, CheckRule, CheckSubject } from '#domain/checks.ts';
import type { TierRule } from '#domain/tiers.ts';
import type { TierAnswer, TierView } from './evaluate-tier-rule.ts';

export interface CelLimits {
  /** Milliseconds for all rules together, on one plan. */
  wallMs: number;
  /** MiB of heap. */
  heapMb: number;
}

const LIMITS: CelLimits = { wallMs: 20_000, heapMb: 1024 };

/** What a thread is asked: what the rules of one kind say of one plan. */
export type Evaluation = CheckQuestion | TierQuestion;

export interface CheckQuestion {
  kind: 'checks';
  rules: readonly CheckRule[];
  subject: CheckSubject;
}

export interface TierQuestion {
  kind: 'tiers';
  rules: readonly TierRule[];
  subject: TierView;
}

type AnswerTo<E extends Evaluation> = E extends CheckQuestion ? CheckReport : TierAnswer;

/** What a thread says: an answer after each rule, and that it is through. */
export type Told<A extends CheckReport | TierAnswer = CheckReport | TierAnswer> = { answer: A } | 'done';

export interface Evaluated<A> {
  /** By the rule's name. */
  answers: ReadonlyMap<string, A>;
  /** Why there is no answer of a rule. */
  why: string;
}

export type CelThreads = <E extends Evaluation>(evaluation: E) => Promise<Evaluated<AnswerTo<E>>>;

/**
 * Threads that evaluate rules, one plan at a time each and no more of them than there are cores: starting one takes
 * longer than most plans do. One that broke a limit is ended, and the next plan gets another.
 */
export function createCelThreads(limits: CelLimits = LIMITS): CelThreads {
  const idle: Worker[] = [];
  const waiting: ((thread: Worker) => void)[] = [];
  let threads = 0;

  const start = (): Worker => {
    threads += 1;
    return new Worker(new URL('./cel-thread.ts', import.meta.url), {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMb },
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

  return async <E extends Evaluation>(evaluation: E) => {
    const thread = await take();
    thread.ref();
    const { evaluated, usable } = await evaluate<AnswerTo<E>>(thread, evaluation, limits);
    if (usable) giveBack(thread);
    else replace();
    return evaluated;
  };
}

/** One evaluation; the thread is usable afterwards if it came to its end by itself. */
function evaluate<A extends CheckReport | TierAnswer>(
  thread: Worker,
  evaluation: Evaluation,
  { wallMs, heapMb }: CelLimits,
): Promise<{ evaluated: Evaluated<A>; usable: boolean }> {
  const { promise, resolve } = Promise.withResolvers<{ evaluated: Evaluated<A>; usable: boolean }>();
  const answers = new Map<string, A>();
  let why = 'the evaluation ended early';
  const end = (usable: boolean) => {
    clearTimeout(timer);
    for (const event of ['message', 'error', 'exit']) thread.removeAllListeners(event);
    // A thread that broke a limit may break another on its way out.
    thread.on('error', () => undefined);
    resolve({ evaluated: { answers, why }, usable });
  };
  const timer = setTimeout(() => {
    why = `not decided within ${wallMs / 1000} s`;
    void thread.terminate();
  }, wallMs);
  thread.on('message', (told: Told<A>) => {
    if (told === 'done') end(true);
    else answers.set(told.answer.name, told.answer);
  });
  thread.on('error', (error: NodeJS.ErrnoException) => {
    why = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? `needs more than ${heapMb} MiB` : error.message;
  });
  thread.on('exit', () => end(false));
  thread.postMessage(evaluation satisfies Evaluation);
  return promise;
}
