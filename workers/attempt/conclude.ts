import { constants, open } from 'node:fs/promises';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { StateBinding } from '#app/ports/terraform.ts';
import type { Fact } from '#domain/fact.ts';
import { type ApplyRecord, classifyApply, type StateReading } from '#domain/plan/classify-apply.ts';
import { Fault } from '#domain/fault.ts';
import type { AttemptContext, AttemptSubject } from './context.ts';
import type { ExitRecord, Spool } from './spool.ts';
import type { OutputReading } from './tail.ts';

const SMALLEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** What is known when the process is over. */
export interface Ending {
  exit: ExitRecord | undefined;
  output: OutputReading;
  stateBefore: StateReading;
  stateAfter: StateReading;
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
  const sealed =
    ending.erroredState === undefined ? undefined : context.sealState(attemptId, ending.erroredState);
  await untilRecorded(context, () =>
    context.ledger.record({
      changeId,
      fact,
      actor: { kind: 'service', component: 'supervisor' },
      ...(sealed === undefined ? {} : { attachment: { erroredState: sealed } }),
    }),
  );
  if (outcome === 'unknown') return; // the spool stays for whoever has to find out
  await context.planStore.destroy(project.plan.planRunId);
  await spool.remove();
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

function recordOf({ exit, output, stateBefore, stateAfter, erroredState }: Ending): ApplyRecord {
  return {
    exit: exitOf(exit, output),
    cancelled: exit?.interrupted ?? false,
    stateBefore,
    stateAfter,
    erroredState: erroredState !== undefined,
    started: output.started,
  };
}

/** Without an exit record terraform's own closing words are the only proof; a shell-style code above 128 is a signal. */
function exitOf(exit: ExitRecord | undefined, { completed }: OutputReading): ApplyRecord['exit'] {
  if (exit === undefined) return completed ? 0 : 'missing';
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

/** `errored.tfstate` of a run whose folder is still there. Never followed through a link, since terraform's user owns it. */
export async function readErroredState(cwd: string): Promise<Buffer | undefined> {
  const file = await open(join(cwd, 'errored.tfstate'), constants.O_RDONLY | constants.O_NOFOLLOW).catch(
    () => undefined,
  );
  if (file === undefined) return undefined;
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}
