import { isDatabaseError, type LeasedJob } from '#app/job-desk.ts';
import { Fault } from '#domain/fault.ts';
import type { WorkerContext } from './context.ts';
import { isJobName, JOBS, type JobSpec } from './jobs.ts';

/**
 * Does one outbox row: leases it, runs its handler, and records the fact it came to together with the row's end. What
 * breaks is put back to be tried later, or given up for people to see; a row that is done, taken or not due is left alone.
 */
export async function runJob(context: WorkerContext, worker: string, row: number): Promise<void> {
  const lease = await context.desk.lease(row, worker);
  if (lease === undefined || !isJobName(lease.effect)) return;
  const spec = JOBS[lease.effect];
  const limits = new AbortController();
  const limitMs = spec.timeLimitMs(context.settings, lease.payload);
  const timer = setTimeout(() => limits.abort(timedOut(lease, limitMs)), limitMs);
  const heart = setInterval(() => {
    void context.desk.renew(lease).catch((error: unknown) => {
      if (error instanceof Fault) limits.abort(error);
    });
  }, context.desk.leaseMs / 4);
  try {
    await orAborted(perform(context, lease, spec, limits.signal), limits.signal);
  } catch (error) {
    await putBack(context, lease, spec, error);
  } finally {
    clearTimeout(timer);
    clearInterval(heart);
  }
}

async function perform(
  context: WorkerContext,
  lease: LeasedJob,
  spec: JobSpec,
  signal: AbortSignal,
): Promise<void> {
  const changeId = lease.changeId ?? '';
  const conclusion = await spec.run(context, { lease, changeId, payload: lease.payload, signal });
  if (signal.aborted) return showAnew(context, lease);
  if (conclusion === undefined) {
    await context.desk.complete(lease);
    return;
  }
  const { fact, actor, attachment } = conclusion;
  await context.ledger.record({
    changeId,
    fact,
    actor: actor ?? { kind: 'service', component: lease.effect },
    completing: lease,
    requestId: `job-${lease.id}`,
    ...(attachment === undefined ? {} : { attachment }),
  });
}

/** A handler that does not look at its signal must not keep the worker. */
async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function timedOut({ id, effect }: LeasedJob, limitMs: number): Fault {
  return new Fault('time-limit', `${effect} (job ${id}) took longer than ${limitMs / 1000} s`, {
    retryable: true,
  });
}

async function putBack(
  context: WorkerContext,
  lease: LeasedJob,
  spec: JobSpec,
  error: unknown,
): Promise<void> {
  const { effect, id: jobId, tries } = lease;
  if (error instanceof Fault && (error.code === 'lease-lost' || error.code === 'command-already-taken')) {
    if (error.code === 'command-already-taken') await context.desk.complete(lease);
    else await showAnew(context, lease);
    return;
  }
  const retryable = !(error instanceof Fault) || error.retryable;
  const giveUp =
    !retryable || (spec.tries !== 'forever' && tries >= spec.tries) || (isBug(error) && tries >= BUG_TRIES);
  const delayMs = delayOf(spec, tries, error);
  const fields = { err: error, effect, jobId, tries, ...(giveUp ? {} : { retryInMs: delayMs }) };
  if (giveUp) context.log.error(fields, 'a job was given up');
  else context.log.warn(fields, 'a job failed and will be tried again');
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  await context.desk
    .fail(lease, { error: message, delayMs, giveUp })
    .catch((failure: unknown) =>
      context.log.warn({ err: failure, jobId }, 'a failed job could not be put back; its lease will run out'),
    );
}

/**
 * A late worker may have written an older picture over a newer one, or made a second note. What people watch is shown
 * once more, and looked for anew: nothing of what is remembered about it may be true.
 */
async function showAnew(context: WorkerContext, { changeId, effect }: LeasedJob): Promise<void> {
  if (changeId === undefined || (effect !== 'publish-note' && effect !== 'publish-status')) return;
  const kind = effect === 'publish-note' ? 'note' : 'status';
  await context.ledger.setPublished(changeId, kind, { hash: '', ref: null });
  await context.desk.request(changeId, { type: effect });
}

/** What is no fault of anybody's systems is one of ours; it is tried a few times since it may hang on what was read. */
const BUG_TRIES = 5;

function isBug(error: unknown): boolean {
  return !(error instanceof Fault) && !isDatabaseError(error);
}

/** Doubling, with jitter, and never sooner than the other side asked. */
function delayOf({ backoff }: JobSpec, tries: number, error: unknown): number {
  const doubled = Math.min(backoff.firstMs * 2 ** Math.min(tries - 1, 16), backoff.mostMs);
  const jittered = doubled * (0.5 + Math.random() / 2);
  return Math.max(jittered, error instanceof Fault ? (error.retryAfterMs ?? 0) : 0);
}
