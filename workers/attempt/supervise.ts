import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { PreparedApply } from '#app/ports/terraform.ts';
import type { AttemptOutcome } from '#domain/fact.ts';
import { Fault } from '#domain/fault.ts';
import { collectOutput, type RunOutput } from '../run-output.ts';
import { conclude, keepErroredState, readStateOr, untilRecorded } from './conclude.ts';
import { type AttemptContext, type AttemptSubject, applyRequest, subjectOf } from './context.ts';
import { type Heart, type Standing, startHeart } from './heart.ts';
import { askBeforeStart } from './ask-before-start.ts';
import { identify, machine } from './process-identity.ts';
import { type ExitRecord, openSpool, type Spool } from './spool.ts';
import { APPLY_STREAM, tail } from './tail.ts';

/** The epoch of an attempt that was claimed and that nobody has taken up yet. */
const UNOWNED = 1;
const LOOK_EVERY_MS = 500;

/**
 * Owns one attempt from beginning to end, in a process of its own, so that nothing that happens to a worker happens to
 * it: takes the attempt up, puts the bundle back, compares the state once more, runs terraform, and records what came
 * of it, however long that takes.
 */
export async function supervise(context: AttemptContext, attemptId: string): Promise<void> {
  const subject = await subjectOf(context, attemptId);
  if (subject === undefined) return;
  const spool = await openSpool(context.spoolDir, attemptId);
  const epoch = await takeUp(context, attemptId, spool);
  if (epoch === undefined) return;
  const heart = startHeart(context, { attemptId, epoch, spool });
  try {
    const output = collectOutput(context.ledger, attemptId);
    const prepared = await prepare(context, subject, output);
    if (typeof prepared === 'string')
      return await nothingStarted(context, subject, spool, failedClean(prepared));
    try {
      const hindered = await written(output, prepared.runBefore());
      if (hindered !== undefined) return await nothingStarted(context, subject, spool, failedClean(hindered));
      const exit = await applyOnce(context, subject, spool, prepared, heart);
      if (exit !== undefined) await runAfter(context, attemptId, prepared, output, exit);
    } finally {
      await prepared.release();
    }
  } finally {
    heart.stop();
  }
}

async function takeUp(
  { ledger }: AttemptContext,
  attemptId: string,
  spool: Spool,
): Promise<number | undefined> {
  const [{ host, bootId }, self] = await Promise.all([machine(), identify(process.pid)]);
  const owner = {
    host,
    bootId,
    supervisorPid: process.pid,
    supervisorStart: self?.start ?? '',
    spool: spool.dir,
  };
  return (await ledger.ownAttempt(attemptId, UNOWNED, owner))?.epoch;
}

/** The apply, ready to start; or why it cannot be, in which case nothing was changed. */
async function prepare(
  context: AttemptContext,
  subject: AttemptSubject,
  output: RunOutput,
): Promise<PreparedApply | string> {
  try {
    const request = await applyRequest(context, subject);
    const preparing = context.terraform.prepareApply(request, ({ stream, text }) => output.add(stream, text));
    const preparation = await written(output, preparing);
    if (preparation.kind === 'prepared') return preparation.apply;
    const first = preparation.kind === 'failed' ? preparation.diagnostics[0] : undefined;
    const step =
      typeof preparation.step === 'string' ? `terraform ${preparation.step}` : preparation.step.run;
    return `${step} came to: ${preparation.kind}${first === undefined ? '' : `: ${first.summary}`}`;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}

/** What it printed is stored when it is over; that it could not be stored is not its failure. */
async function written<T>(output: RunOutput, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } finally {
    await output.end().catch(() => undefined);
  }
}

/** The outcome is on record by now; what comes behind it cannot change it. */
async function runAfter(
  { log }: AttemptContext,
  attemptId: string,
  prepared: PreparedApply,
  output: RunOutput,
  { exitCode }: ExitRecord,
): Promise<void> {
  const reason = await prepared.runAfter(exitCode);
  if (reason !== undefined) {
    // Why stands in the run's output; it may quote what the step printed.
    log.warn({ attemptId }, 'a step behind an apply failed');
    output.add('stderr', `Behind the apply: ${reason}`);
  }
  await output.end().catch(() => undefined);
}

/** The one apply; how its process ended, nothing when none was started. */
async function applyOnce(
  context: AttemptContext,
  subject: AttemptSubject,
  spool: Spool,
  prepared: PreparedApply,
  heart: Heart,
): Promise<ExitRecord | undefined> {
  const { ledger } = context;
  const nothing = async (outcome: NothingStarted) => {
    await nothingStarted(context, subject, spool, outcome);
    return undefined;
  };
  const stateBefore = await readStateOr(() => prepared.readState());
  const closed = await askBeforeStart(
    context,
    subject,
    stateBefore === 'unreadable' ? undefined : stateBefore,
  );
  if (closed !== undefined) return nothing(failedClean(closed));
  const refusal = await refusedBy(context, subject, stateBefore, heart);
  if (refusal !== undefined) return nothing(refusal);
  await spool.noteSpawning({ stateBefore });
  // Asked as late as can be: a process that was stopped for long may wake up anywhere above, given up by everybody.
  const late = whyNot(await heart.standing());
  if (late !== undefined) return nothing(late);
  const spawned = await run(prepared, spool);
  if (typeof spawned === 'string') return nothing(failedClean(spawned));
  await heart.watch(prepared, await identify(spawned.pid));
  const output = collectOutput(ledger, subject.attemptId);
  const followed = tail(spool.outputFile, (line) => output.add(APPLY_STREAM, line), {
    scrub: (text) => prepared.scrub(text),
    skip: 0,
  });
  const exit = await spawned.ended;
  // What died may have been the sandbox around it alone.
  while (exit.signal !== null && (await prepared.isAlive())) await wait(LOOK_EVERY_MS);
  await spool.noteExit(exit);
  const reading = await followed.stop();
  await output
    .end()
    .catch((error: unknown) => context.log.warn({ err: error }, 'some output of an attempt was not stored'));
  await conclude(context, subject, spool, {
    exit,
    interrupted: await spool.wasInterrupted(),
    output: reading,
    stateBefore,
    stateAfter: await readStateOr(() => prepared.readState()),
    erroredState: await keepErroredState(context, subject, spool, prepared),
  });
  return exit;
}

type NothingStarted = Extract<AttemptOutcome, { reason: string }> | 'taken';

/** The last questions before terraform starts, and the record that it does; what it comes to when it must not. */
async function refusedBy(
  { ledger, terraform }: AttemptContext,
  { attemptId, changeId, project }: AttemptSubject,
  stateBefore: Awaited<ReturnType<typeof readStateOr>>,
  heart: Heart,
): Promise<NothingStarted | undefined> {
  const expected = project.plan.state;
  if (!isDeepStrictEqual(stateBefore, expected))
    return failedClean(`the state moved: planned against ${words(expected)}, now ${words(stateBefore)}`);
  const standing = whyNot(await heart.standing());
  if (standing !== undefined) return standing;
  const [{ host }, isolation] = await Promise.all([machine(), terraform.isolation()]);
  const begun = await ledger.record({
    changeId,
    fact: {
      type: 'attempt-started',
      project: project.key,
      attemptId,
      host,
      pid: process.pid,
      isolation,
      state: stateBefore,
    },
    actor: { kind: 'service', component: 'supervisor' },
  });
  const [refused] = begun.refusals;
  return refused === undefined ? undefined : failedClean(refused.reason);
}

function whyNot(standing: Standing): NothingStarted | undefined {
  switch (standing) {
    case 'ours':
      return undefined;
    case 'cancelled':
      return { ...failedClean('cancelled before anything was changed'), kind: 'aborted' };
    case 'given-up':
      return failedClean('it was given up before it started terraform');
    case 'taken':
      return 'taken';
  }
}

function failedClean(reason: string): Exclude<NothingStarted, 'taken'> {
  return { kind: 'failed-clean', reason, serialAfter: undefined, logDigest: '' };
}

/**
 * Spawns terraform in a group of its own, its output going straight to the spool: it outlives us if it must. Returns the
 * reason when the machine would not start it.
 */
async function run(
  prepared: PreparedApply,
  spool: Spool,
): Promise<{ pid: number; ended: Promise<ExitRecord> } | string> {
  const { file, argv, cwd, env, uid, gid } = prepared.command;
  const output = await open(spool.outputFile, 'a', 0o600);
  try {
    const child = spawn(file, argv, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    const ended = new Promise<ExitRecord>((resolve) => {
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    });
    await once(child, 'spawn');
    return { pid: child.pid ?? 0, ended };
  } catch (error) {
    return `terraform could not be started: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    await output.close();
  }
}

/** The bundle is spent all the same. Of an attempt that is somebody else's there is nothing to say. */
async function nothingStarted(
  context: AttemptContext,
  { attemptId, changeId, project }: AttemptSubject,
  spool: Spool,
  outcome: NothingStarted,
): Promise<void> {
  if (outcome === 'taken') return;
  await untilRecorded(context, () =>
    context.ledger.record({
      changeId,
      fact: { type: 'attempt-ended', project: project.key, attemptId, outcome },
      actor: { kind: 'service', component: 'supervisor' },
    }),
  );
  await context.planStore.destroy(project.plan.planRunId);
  await spool.remove();
}

function words(state: AttemptSubject['project']['plan']['state'] | 'unreadable'): string {
  return typeof state === 'string' ? state : `serial ${state.serial} of ${state.lineage}`;
}
