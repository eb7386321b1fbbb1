import { setTimeout as wait } from 'node:timers/promises';
import type { AttemptRow } from '#app/ledger.ts';
import type { AttemptPatience } from '#app/patience.ts';
import type { PreparedApply, RunningApply } from '#app/ports/terraform.ts';
import { Fault } from '#domain/fault.ts';
import { collectOutput } from '../run-output.ts';
import { folderKeyOf } from '../plan-request.ts';
import { conclude, keepErroredState, readStateOr, untilRecorded } from './conclude.ts';
import { type AttemptContext, type AttemptSubject, applyRequest, subjectOf } from './context.ts';
import { type Heart, startHeart } from './heart.ts';
import { identify, isAlive, machine } from './process-identity.ts';
import { openSpool, type Spool, type SpawningNote } from './spool.ts';
import { APPLY_STREAM, tail } from './tail.ts';

const WATCH_EVERY_MS = 500;
/** Longer than a few heartbeats: a database that was away for long makes everybody look silent at first. */
const SECOND_LOOK_MS = 3_500;

/** Looks after attempts that nobody has heard of for a while; several at once, each for as long as it takes. */
export interface Adopter {
  /** Takes up whatever needs it now; does not wait for what it began. */
  look(): Promise<void>;
  /** Lets go of what it only watches; another worker goes on. Resolves when nothing is in hand. */
  stop(): Promise<void>;
}

/**
 * On this machine the processes themselves tell: an orphan is adopted and watched to its end, an exit record is recorded,
 * what was never started is over. What cannot be known becomes unknown: the project is quarantined and a person is
 * called. Nothing is ever started or unlocked here.
 */
export function createAdopter(context: AttemptContext, patience: AttemptPatience): Adopter {
  const inHand = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  return {
    async look() {
      const here = await whoWeAre();
      for (const attempt of await context.ledger.openAttempts()) {
        if (attempt.silentMs < patience.lookAfterMs || inHand.has(attempt.id)) continue;
        const work = adopt(context, attempt, { here, patience, signal: stopping.signal })
          .catch((error: unknown) =>
            context.log.warn(
              { err: error, attemptId: attempt.id },
              'an attempt could not be looked after; trying again',
            ),
          )
          .finally(() => inHand.delete(attempt.id));
        inHand.set(attempt.id, work);
      }
    },
    async stop() {
      stopping.abort();
      await Promise.all(inHand.values());
    },
  };
}

type Here = Awaited<ReturnType<typeof whoWeAre>>;

interface Circumstances {
  here: Here;
  patience: AttemptPatience;
  signal: AbortSignal;
}

async function whoWeAre() {
  const [place, self] = await Promise.all([machine(), identify(process.pid)]);
  return { ...place, pid: process.pid, start: self?.start ?? '' };
}

async function adopt(
  context: AttemptContext,
  attempt: AttemptRow,
  { here, patience, signal }: Circumstances,
): Promise<void> {
  const { owner, silentMs, status } = attempt;
  if (owner === undefined) {
    // Claimed, and no supervisor has taken it up. Taking it over shuts a late one out for good.
    if (silentMs > patience.unownedForMs) await takeOver(context, attempt, here, signal);
    return;
  }
  const supervisor = { pid: owner.supervisorPid, start: owner.supervisorStart };
  const isHere = owner.host === here.host;
  const isOver =
    isHere &&
    // Ourselves, but not in hand: we failed to look after it, and try again.
    (supervisor.pid === here.pid || owner.bootId !== here.bootId || !(await isAlive(supervisor)));
  if (isOver) return takeOver(context, attempt, here, signal);
  // Stopped, or cut off from the database. It goes on by itself, and what it then records is believed.
  if (silentMs > patience.lostAfterMs && status !== 'lost') {
    const why = isHere
      ? 'its supervisor lives and does not answer'
      : `nobody has heard of it from ${owner.host}`;
    await lose(context, attempt, why, patience);
  }
}

/** Becomes the owner and finds out how it ended; whoever was faster does it instead. */
async function takeOver(
  context: AttemptContext,
  attempt: AttemptRow,
  here: Here,
  signal: AbortSignal,
): Promise<void> {
  const spool = await openSpool(context.spoolDir, attempt.id);
  if (await spool.isGivenUp()) return;
  const { host, bootId, pid: supervisorPid, start: supervisorStart } = here;
  const owner = { host, bootId, supervisorPid, supervisorStart, spool: spool.dir };
  const owned = await context.ledger.ownAttempt(attempt.id, attempt.epoch, owner);
  if (owned === undefined) return;
  const subject = await subjectOf(context, attempt.id);
  if (subject === undefined) return;
  const { change, project } = subject;
  const running = await context.terraform.runningApply({
    folderKey: folderKeyOf(change, project),
    dir: project.dir,
  });
  const note = await spool.spawning();
  if (note === undefined) return neverStarted(context, subject, spool, running);
  context.log.warn({ attemptId: attempt.id }, 'an attempt without its supervisor was adopted');
  const heart = startHeart(context, { attemptId: attempt.id, epoch: owned.epoch, spool });
  try {
    const over = await watch(attempt, running, heart, signal);
    if (over) await concludeOrphan(context, subject, spool, note, running);
  } finally {
    heart.stop();
  }
}

/** Waits for terraform to end; false when it is no longer ours to wait for. */
async function watch(
  { terraform }: AttemptRow,
  running: RunningApply,
  heart: Heart,
  signal: AbortSignal,
): Promise<boolean> {
  await heart.watch(running, terraform);
  const lives = async () =>
    (terraform !== undefined && (await isAlive(terraform))) || (await running.isAlive());
  // Twice, since a supervisor may have died just when the process it had spawned was about to become terraform.
  for (let gone = 0; gone < 2; gone = (await lives()) ? 0 : gone + 1) {
    if (signal.aborted) return false;
    await wait(WATCH_EVERY_MS);
  }
  return (await heart.standing()) !== 'taken';
}

async function concludeOrphan(
  context: AttemptContext,
  subject: AttemptSubject,
  spool: Spool,
  { stateBefore }: SpawningNote,
  running: RunningApply,
): Promise<void> {
  const erroredState = await keepErroredState(context, subject, spool, running);
  await running.endLeftovers();
  // Making the folder anew is safe now: nobody lives in it any more, and what it held has been kept.
  const prepared = await prepareAgain(context, subject);
  try {
    const output = collectOutput(context.ledger, subject.attemptId);
    const skip = await context.ledger.countOutput(subject.attemptId, APPLY_STREAM);
    const scrub = (text: string) => prepared?.scrub(text) ?? '(hidden: the run could not be prepared again)';
    const show = (line: string) => output.add(APPLY_STREAM, line);
    const reading = await tail(spool.outputFile, show, { scrub, skip }).stop();
    await output.end();
    await conclude(context, subject, spool, {
      exit: await spool.exit(),
      interrupted: await spool.wasInterrupted(),
      output: reading,
      stateBefore,
      stateAfter: prepared === undefined ? 'unreadable' : await readStateOr(() => prepared.readState()),
      erroredState,
    });
  } finally {
    await prepared?.release();
  }
}

/** The folder with its credentials, to read the state and to know what to hide; undefined when that cannot be had. */
async function prepareAgain(
  context: AttemptContext,
  subject: AttemptSubject,
): Promise<PreparedApply | undefined> {
  try {
    const request = await applyRequest(context, subject);
    const preparation = await context.terraform.prepareApply(request, () => undefined);
    return preparation.kind === 'prepared' ? preparation.apply : undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    context.log.warn(
      { err: error, attemptId: subject.attemptId },
      'the run of an orphan cannot be prepared again',
    );
    return undefined;
  }
}

async function neverStarted(
  context: AttemptContext,
  subject: AttemptSubject,
  spool: Spool,
  running: RunningApply,
): Promise<void> {
  const { attemptId, changeId, project } = subject;
  await running.endLeftovers();
  const reason = 'its supervisor ended before it started terraform';
  const outcome = { kind: 'failed-clean', reason, serialAfter: undefined, logDigest: '' } as const;
  await untilRecorded(context, () =>
    context.ledger.record({
      changeId,
      fact: { type: 'attempt-ended', project: project.key, attemptId, outcome },
      actor: { kind: 'service', component: 'reconcile' },
    }),
  );
  await spool.remove();
}

/** Looks a second time before it calls a person. */
async function lose(
  { ledger, log }: AttemptContext,
  { id: attemptId, changeId, project }: AttemptRow,
  reason: string,
  { lostAfterMs }: AttemptPatience,
): Promise<void> {
  await wait(SECOND_LOOK_MS);
  const again = await ledger.attempt(attemptId);
  if (again === undefined || again.silentMs < lostAfterMs) return;
  if (again.status !== 'claimed' && again.status !== 'running') return;
  log.error({ attemptId }, 'nobody knows what became of an attempt; a person has to find out');
  await ledger.record({
    changeId,
    fact: { type: 'attempt-lost', project, attemptId, reason },
    actor: { kind: 'service', component: 'reconcile' },
  });
}
