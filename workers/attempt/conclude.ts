import { constants as osConstants } from 'node:os';
import { posix } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunningApply, StateBinding } from '#app/ports/terraform.ts';
import type { Fact } from '#domain/fact.ts';
import { type ApplyRecord, classifyApply, type StateReading } from '#domain/plan/classify-apply.ts';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import { Fault } from '#domain/fault.ts';
import type { AttemptContext, AttemptSubject } from './context.ts';
import type { ExitRecord, Spool } from './spool.ts';
import type { OutputReading } from './tail.ts';

const SMALLEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** What is known when the process is over. */
export interface Ending {
  exit: ExitRecord | undefined;
  /** Somebody asked for it to stop, and terraform was told. */
  interrupted: boolean;
  output: OutputReading;
  stateBefore: StateReading;
  stateAfter: StateReading;
  /** Sealed. */
  erroredState: Buffer | undefined;
}

/** Records how the attempt ended, as far as it can be known, and tries until that is recorded; then tidies up. */
export async function conclude(
  context: AttemptContext,
  subject: AttemptSubject,
  spool: Spool,
  ending: Ending,
): Promise<void> {
  const { outcome, reason } = classifyApply(recordOf(ending));
  const { attemptId, project, changeId } = subject;
  const common = { serialAfter: serialOf(ending.stateAfter), logDigest: ending.output.logDigest };
  const fact: Fact =
    outcome === 'unknown'
      ? { type: 'attempt-lost', project: project.key, attemptId, reason }
      : outcome === 'succeeded'
        ? { type: 'attempt-ended', project: project.key, attemptId, outcome: { kind: outcome, ...common } }
        : {
            type: 'attempt-ended',
            project: project.key,
            attemptId,
            outcome: { kind: outcome, reason, ...common },
          };
  const { erroredState, output } = ending;
  const diagnostics = output.diagnostics.map((each) => inRepository(each, project.dir));
  await untilRecorded(context, () =>
    context.ledger.record({
      changeId,
      fact,
      actor: { kind: 'service', component: 'supervisor' },
      attachment: { attempt: { diagnostics }, ...(erroredState === undefined ? {} : { erroredState }) },
    }),
  );
  // The spool stays for whoever has to find out.
  if (outcome === 'unknown') return spool.noteGivenUp();
  await context.planStore.destroy(project.plan.planRunId);
  await spool.remove();
}

/** Terraform names files from where it runs, people from the repository's root. */
function inRepository(diagnostic: Diagnostic, dir: string): Diagnostic {
  const { file } = diagnostic;
  return file === undefined || posix.isAbsolute(file)
    ? diagnostic
    : { ...diagnostic, file: posix.join(dir, file) };
}

/** An outcome that is known must not be lost to a database that is away for a while. */
export async function untilRecorded(context: AttemptContext, record: () => Promise<unknown>): Promise<void> {
  for (let pause = SMALLEST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      await record();
      return;
    } catch (error) {
      context.log.warn(
        { err: error, retryInMs: pause },
        'the outcome of an attempt could not be recorded yet',
      );
      await wait(pause);
    }
  }
}

function recordOf({ exit, interrupted, output, stateBefore, stateAfter, erroredState }: Ending): ApplyRecord {
  return {
    exit: exitOf(exit, output),
    cancelled: interrupted,
    stateBefore,
    stateAfter,
    erroredState: erroredState !== undefined,
    started: output.started,
  };
}

/**
 * Terraform's own closing words prove that it came to its end also where nobody saw it exit, or where what was seen to
 * die was only the sandbox around it. A shell-style code above 128 is a signal.
 */
function exitOf(exit: ExitRecord | undefined, { completed }: OutputReading): ApplyRecord['exit'] {
  if (completed && (exit === undefined || exit.signal !== null)) return 0;
  if (exit === undefined) return 'missing';
  if (exit.signal !== null) return { signal: exit.signal };
  if (exit.exitCode !== null && exit.exitCode > 128) return { signal: signalName(exit.exitCode - 128) };
  return exit.exitCode ?? 'missing';
}

function signalName(number: number): string {
  return Object.entries(osConstants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

function serialOf(state: StateReading): string | undefined {
  return typeof state === 'object' ? state.serial : undefined;
}

/** The state as it is now; `unreadable` when the backend does not tell, which is an answer the classification knows. */
export async function readStateOr(read: () => Promise<StateBinding>): Promise<StateReading> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Fault) return 'unreadable';
    throw error;
  }
}

/** What terraform could not upload, sealed, and out of the folder that the next run empties. */
export async function keepErroredState(
  context: AttemptContext,
  { attemptId }: AttemptSubject,
  spool: Spool,
  running: RunningApply,
): Promise<Buffer | undefined> {
  const kept = await spool.erroredState();
  if (kept !== undefined) return kept;
  const found = await running.erroredState();
  if (found === undefined) return undefined;
  const sealed = context.sealState(attemptId, found);
  await spool.keepErroredState(sealed);
  return sealed;
}
