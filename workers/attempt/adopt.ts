import { setTimeout as wait } from 'node:timers/promises';
import type { AttemptRow } from '#app/ledger.ts';
import type { StateReading } from '#domain/plan/classify-apply.ts';
import { collectOutput } from '../run-output.ts';
import { conclude, readErroredState, readStateOr } from './conclude.ts';
import { type AttemptContext, type AttemptSubject, applyRequest, subjectOf } from './context.ts';
import { identify, isAlive, machine } from './process-identity.ts';
import { openSpool, type Spool, type SpawningNote } from './spool.ts';
import { APPLY_STREAM, tail } from './tail.ts';

/** Silence after which a supervisor is looked for, and after which nobody believes any more that it will speak. */
export interface Patience {
  lookAfterMs: number;
  lostAfterMs: number;
}

export const PATIENCE: Patience = { lookAfterMs: 5_000, lostAfterMs: 60_000 };

const WATCH_EVERY_MS = 500;

/**
 * Attempts that nobody has heard of for a while. On this machine the processes themselves tell: an orphan is adopted and
 * watched to its end, an exit record is recorded, what was never started is over. What cannot be known becomes
 * unknown: the project is quarantined and a person is called. Nothing is ever started or unlocked here.
 */
export async function adoptOrphans(context: AttemptContext, patience = PATIENCE): Promise<void> {
  const here = await machine();
  const open = await context.ledger.openAttempts();
  const silent = open.filter(({ silentMs }) => silentMs > patience.lookAfterMs);
  await Promise.all(silent.map((attempt) => adopt(context, attempt, here, patience)));
}

async function adopt(
  context: AttemptContext,
  attempt: AttemptRow,
  here: { host: string; bootId: string },
  patience: Patience,
): Promise<void> {
  const { owner } = attempt;
  if (owner === undefined) {
    // Claimed, and no supervisor has taken it up. Taking it over shuts a late one out for good.
    if (attempt.silentMs > patience.lostAfterMs / 2) await takeOver(context, attempt, here);
    return;
  }
  if (owner.host !== here.host) {
    if (attempt.silentMs > patience.lostAfterMs)
      await lose(context, attempt, `its machine ${owner.host} is silent`);
    return;
  }
  const supervisor = { pid: owner.supervisorPid, start: owner.supervisorStart };
  if (owner.bootId === here.bootId && (await isAlive(supervisor))) {
    // Stopped, or cut off from the database. It goes on by itself, and what it then records is believed.
    if (attempt.silentMs > patience.lostAfterMs)
      await lose(context, attempt, 'its supervisor lives and does not answer');
    return;
  }
  await takeOver(context, attempt, here);
}

/** Becomes the owner and finds out how it ended; whoever was faster does it instead. */
async function takeOver(
  context: AttemptContext,
  attempt: AttemptRow,
  here: { host: string; bootId: string },
): Promise<void> {
  const spool = await openSpool(context.spoolDir, attempt.id);
  const self = await identify(process.pid);
  const owner = { ...here, supervisorPid: process.pid, supervisorStart: self?.start ?? '', spool: spool.dir };
  const owned = await context.ledger.ownAttempt(attempt.id, attempt.epoch, owner);
  if (owned === undefined) return;
  const subject = await subjectOf(context, attempt.id);
  if (subject === undefined) return;
  const note = await spool.spawning();
  if (note === undefined) return neverStarted(context, subject, spool);
  context.log.warn({ attemptId: attempt.id }, 'an attempt without its supervisor was adopted');
  await watch(context, attempt, owned.epoch);
  await concludeOrphan(context, subject, spool, note);
}

/** Waits for terraform to end, keeping the attempt alive in the books meanwhile. */
async function watch({ ledger }: AttemptContext, attempt: AttemptRow, epoch: number): Promise<void> {
  const { terraform } = attempt;
  if (terraform === undefined) return;
  while (await isAlive(terraform)) {
    const { interrupt } = await ledger.beat(attempt.id, epoch, terraform);
    if (interrupt) process.kill(terraform.pid, 'SIGINT');
    await wait(WATCH_EVERY_MS);
  }
}

async function concludeOrphan(
  context: AttemptContext,
  subject: AttemptSubject,
  spool: Spool,
  { cwd, stateBefore }: SpawningNote,
): Promise<void> {
  const exit = await spool.exit();
  const erroredState = await readErroredState(cwd);
  const output = collectOutput(context.ledger, subject.attemptId);
  const request = await applyRequest(context, subject);
  // Making the folder anew is safe now: nobody lives in it any more, and what it held has been read.
  const preparation = await context.terraform.prepareApply(request, () => undefined);
  const prepared = preparation.kind === 'prepared' ? preparation.apply : undefined;
  try {
    const skip = await context.ledger.countOutput(subject.attemptId, APPLY_STREAM);
    const scrub = (text: string) => prepared?.scrub(text) ?? '(hidden: the run could not be prepared again)';
    const show = (line: string) => output.add(APPLY_STREAM, line);
    const reading = await tail(spool.outputFile, show, { scrub, skip }).stop();
    await output.end();
    const stateAfter: StateReading =
      prepared === undefined ? 'unreadable' : await readStateOr(() => prepared.readState());
    await conclude(context, subject, spool, { exit, output: reading, stateBefore, stateAfter, erroredState });
  } finally {
    await prepared?.release();
  }
}

async function neverStarted(context: AttemptContext, subject: AttemptSubject, spool: Spool): Promise<void> {
  const { attemptId, changeId, project } = subject;
  const reason = 'its supervisor ended before it started terraform';
  const outcome = { kind: 'failed-clean', reason, serialAfter: undefined, logDigest: '' } as const;
  await context.ledger.record({
    changeId,
    fact: { type: 'attempt-ended', project: project.key, attemptId, outcome },
    actor: { kind: 'service', component: 'reconcile' },
  });
  await spool.remove();
}

async function lose({ ledger, log }: AttemptContext, attempt: AttemptRow, reason: string): Promise<void> {
  log.error({ attemptId: attempt.id }, 'nobody knows what became of an attempt; a person has to find out');
  await ledger.record({
    changeId: attempt.changeId,
    fact: { type: 'attempt-lost', project: attempt.project, attemptId: attempt.id, reason },
    actor: { kind: 'service', component: 'reconcile' },
  });
}
