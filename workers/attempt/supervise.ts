import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { AttemptRow } from '#app/ledger.ts';
import type { PreparedApply } from '#app/ports/terraform.ts';
import { Fault } from '#domain/fault.ts';
import { collectOutput } from '../run-output.ts';
import { conclude, readStateOr, untilRecorded } from './conclude.ts';
import { type AttemptContext, type AttemptSubject, applyRequest, subjectOf } from './context.ts';
import { identify, machine } from './process-identity.ts';
import { type ExitRecord, openSpool, type Spool } from './spool.ts';
import { APPLY_STREAM, tail } from './tail.ts';

const HEARTBEAT_MS = 1_000;
/** The epoch of an attempt that was claimed and that nobody has taken up yet. */
const UNOWNED = 1;

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
  const heart = startHeart(context, attemptId, epoch);
  try {
    const prepared = await prepare(context, subject);
    if (typeof prepared === 'string') return await nothingStarted(context, subject, spool, prepared);
    heart.onInterrupt((pid) => prepared.interrupt(pid));
    try {
      await applyOnce(context, subject, spool, prepared, heart);
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
async function prepare(context: AttemptContext, subject: AttemptSubject): Promise<PreparedApply | string> {
  const output = collectOutput(context.ledger, subject.attemptId);
  try {
    const request = await applyRequest(context, subject);
    const preparation = await context.terraform.prepareApply(request, ({ stream, text }) =>
      output.add(stream, text),
    );
    if (preparation.kind === 'prepared') return preparation.apply;
    const first = preparation.kind === 'failed' ? preparation.diagnostics[0] : undefined;
    return `terraform ${preparation.step} came to: ${preparation.kind}${first === undefined ? '' : `: ${first.summary}`}`;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  } finally {
    await output.end().catch(() => undefined);
  }
}

async function applyOnce(
  context: AttemptContext,
  subject: AttemptSubject,
  spool: Spool,
  prepared: PreparedApply,
  heart: Heart,
): Promise<void> {
  const { ledger } = context;
  const { attemptId, changeId, project } = subject;
  const stateBefore = await readStateOr(() => prepared.readState());
  const expected = project.plan.state;
  if (!isDeepStrictEqual(stateBefore, expected)) {
    return nothingStarted(
      context,
      subject,
      spool,
      `the state moved: planned against ${words(expected)}, now ${words(stateBefore)}`,
    );
  }
  if (!(await heart.stillOurs())) return undefined;
  const [{ host }, isolation] = await Promise.all([machine(), context.terraform.isolation()]);
  const begun = await ledger.record({
    changeId,
    fact: { type: 'attempt-started', project: project.key, attemptId, host, pid: process.pid, isolation },
    actor: { kind: 'service', component: 'supervisor' },
  });
  const [refused] = begun.refusals;
  if (refused !== undefined) return nothingStarted(context, subject, spool, refused.reason);
  await spool.noteSpawning({ cwd: prepared.command.cwd, stateBefore });
  const output = collectOutput(ledger, attemptId);
  const exited = await run(prepared, spool, heart);
  const followed = tail(spool.outputFile, (line) => output.add(APPLY_STREAM, line), {
    scrub: (text) => prepared.scrub(text),
    skip: 0,
  });
  const exit = await exited.ended;
  await spool.noteExit(exit);
  const reading = await followed.stop();
  await output
    .end()
    .catch((error: unknown) => context.log.warn({ err: error }, 'some output of an attempt was not stored'));
  const [stateAfter, erroredState] = await Promise.all([
    readStateOr(() => prepared.readState()),
    prepared.erroredState(),
  ]);
  await conclude(context, subject, spool, { exit, output: reading, stateBefore, stateAfter, erroredState });
}

/** Spawns terraform in a group of its own, its output going straight to the spool: it outlives us if it must. */
async function run(
  prepared: PreparedApply,
  spool: Spool,
  heart: Heart,
): Promise<{ ended: Promise<ExitRecord> }> {
  const { file, argv, cwd, env, uid, gid } = prepared.command;
  const output = await open(spool.outputFile, 'a', 0o600);
  const child = spawn(file, argv, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  const ended = new Promise<ExitRecord>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, interrupted: heart.interrupted() }));
  });
  await output.close();
  if (child.pid !== undefined) await heart.watch(child.pid);
  return { ended };
}

/** The bundle is spent all the same; the project is planned again. */
async function nothingStarted(
  context: AttemptContext,
  { attemptId, changeId, project }: AttemptSubject,
  spool: Spool,
  reason: string,
): Promise<void> {
  const outcome = { kind: 'failed-clean', reason, serialAfter: undefined, logDigest: '' } as const;
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

type Heart = ReturnType<typeof startHeart>;

/** Says once a second that the attempt lives, and hears whether it shall stop. */
function startHeart({ ledger, log }: AttemptContext, attemptId: AttemptRow['id'], epoch: number) {
  let terraform: { pid: number; start: string } | undefined;
  let interrupt: ((pid: number) => void) | undefined;
  let interrupted = false;
  const beat = async (): Promise<boolean> => {
    const heard = await ledger.beat(attemptId, epoch, terraform);
    if (heard.interrupt && !interrupted && terraform !== undefined && interrupt !== undefined) {
      interrupted = true;
      interrupt(terraform.pid);
    }
    return heard.owned;
  };
  const timer = setInterval(() => {
    void beat().catch((error: unknown) =>
      log.warn({ err: error, attemptId }, 'a heartbeat could not be written'),
    );
  }, HEARTBEAT_MS);
  return {
    stillOurs: beat,
    interrupted: () => interrupted,
    onInterrupt(send: (pid: number) => void) {
      interrupt = send;
    },
    async watch(pid: number) {
      terraform = await identify(pid);
      await beat().catch(() => false);
    },
    stop: () => clearInterval(timer),
  };
}
