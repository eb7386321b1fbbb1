import { AT_REST } from '#domain/effect-keys.ts';
import type { Effect } from '#domain/effect.ts';
import { Fault } from '#domain/fault.ts';
import type { Database } from '#store/database-types.ts';
import { listen } from '#store/listen.ts';
import {
  completeJob,
  type DueJob,
  enqueueJobs,
  failJob,
  type LeasedJob,
  leaseJob,
  type NewJob,
  nextDue,
  renewJob,
  takeDueJobs,
} from '#store/outbox.ts';
import type { Kysely } from '#store/query.ts';
import { inTransaction } from '#store/transaction.ts';
import type { Patience } from './patience.ts';
import { toJob } from './to-job.ts';

export { isDatabaseError } from '#store/database-error.ts';
export type { LeasedJob, NewJob };

/** The outbox as relays and workers use it. */
export interface JobDesk {
  /** How long a lease holds; whoever works for longer renews it. */
  readonly leaseMs: number;
  /** Jobs that are no effect of a change's decision, such as a delivery to be read. */
  enqueue(jobs: readonly NewJob[]): Promise<void>;
  /** An effect nobody had to decide on: to look at something again, now or at a time (RFC 3339). */
  request(changeId: string, effect: Effect, at?: string): Promise<void>;
  takeDue(limit: number): Promise<DueJob[]>;
  /** Milliseconds until something is due that nobody rang for yet. */
  nextDue(): Promise<number | undefined>;
  onNew(heard: () => void): Promise<{ close(): Promise<void> }>;
  lease(id: number, owner: string): Promise<LeasedJob | undefined>;
  /** Fault `lease-lost` when somebody else has it now. */
  renew(job: LeasedJob): Promise<void>;
  complete(job: LeasedJob): Promise<void>;
  fail(job: LeasedJob, failure: { error: string; delayMs: number; giveUp: boolean }): Promise<void>;
}

export function createJobDesk(
  db: Kysely<Database>,
  url: string,
  { leaseMs, forgottenAfterMs }: Pick<Patience, 'leaseMs' | 'forgottenAfterMs'>,
): JobDesk {
  return {
    leaseMs,
    enqueue: (jobs) => inTransaction(db, (trx) => enqueueJobs(trx, jobs)),
    request: (changeId, effect, at) =>
      inTransaction(db, (trx) =>
        enqueueJobs(trx, [
          { ...toJob(changeId, effect, AT_REST), ...(at === undefined ? {} : { dueAt: at }) },
        ]),
      ),
    takeDue: (limit) => takeDueJobs(db, limit, forgottenAfterMs),
    nextDue: () => nextDue(db),
    onNew: (heard) => listen(url, 'countersign_outbox', heard),
    lease: (id, owner) => leaseJob(db, id, owner, leaseMs),
    renew: async (job) => held(await renewJob(db, job, leaseMs), job),
    complete: async (job) => held(await completeJob(db, job), job),
    fail: (job, failure) => failJob(db, job, failure),
  };
}

function held(isHeld: boolean, { id }: LeasedJob): void {
  if (!isHeld) throw new Fault('lease-lost', `job ${id} was taken over`, { retryable: false });
}
