import type { Actor } from '#domain/audit/actor.ts';
import { canonicalHash } from '#domain/canonical-hash.ts';
import type { Change } from '#domain/change.ts';
import { decide } from '#domain/decide.ts';
import type { Decision } from '#domain/decision.ts';
import { progressOf } from '#domain/effect-keys.ts';
import type { Fact } from '#domain/fact.ts';
import { Fault } from '#domain/fault.ts';
import { appendAudit } from '#store/audit.ts';
import { lockChange, saveChange } from '#store/changes.ts';
import type { Database } from '#store/database-types.ts';
import { MandateUsedUp } from '#store/mandate-uses.ts';
import { completeJob, enqueueJobs, type NewJob } from '#store/outbox.ts';
import { readLastSeconds } from '#store/past-durations.ts';
import { type Attachment, HeldByAnotherChange, HoldIsGone, project } from '#store/projections.ts';
import type { Kysely, Transaction } from '#store/query.ts';
import { inTransaction } from '#store/transaction.ts';
import { entriesOf } from './entries-of.ts';
import { longestFirst, plansToOrder } from './longest-first.ts';
import { toJob } from './to-job.ts';

/** A fact to be recorded, by whom it is so, and the job that it ends, if one does. */
export interface Recording {
  changeId: string;
  fact: Fact;
  actor: Actor;
  attachment?: Attachment;
  /** The outbox row whose work this fact concludes: done in the same transaction, or the fact does not happen. */
  completing?: { id: number; epoch: number };
  requestId?: string;
}

/**
 * The only door by which a change changes: lock, decide, save, outbox, audit, commit, in one transaction, so that no
 * state moves without its entry and no entry is written without its state. Refusals are recorded as well.
 *
 * Faults: `lease-lost` when the job was taken over meanwhile, `no-such-change`, `held-by-another-change`, `hold-gone`,
 * `bundle-already-attempted`, `command-already-taken`, `mandate-used-up`.
 */
export async function recordFact(db: Kysely<Database>, recording: Recording): Promise<Decision> {
  const { changeId, fact, attachment, completing } = recording;
  return inTransaction(db, async (trx) => {
    const locked = await lockChange(trx, changeId);
    if (locked === undefined)
      throw new Fault('no-such-change', `no change ${changeId}`, { retryable: false });
    const { change: before, at, version } = locked;
    const decision = decide(before, fact, at);
    if (decision.change !== before) await saveChange(trx, decision.change, version);
    await project(trx, before, decision.change, fact, decision, attachment ?? {}).catch(asFault);
    await enqueueJobs(trx, await jobsOf(trx, before, decision));
    if (completing !== undefined && !(await completeJob(trx, completing))) {
      throw new Fault('lease-lost', `job ${completing.id} was taken over`, { retryable: false });
    }
    if (!saysNothing(fact, before, decision)) await appendAudit(trx, entriesOf(recording, before, decision));
    return decision;
  });
}

/** What is to be done, in the order in which it is begun. */
async function jobsOf(
  trx: Transaction<Database>,
  before: Change,
  { change, effects }: Decision,
): Promise<NewJob[]> {
  const seconds = await readLastSeconds(trx, change.mergeRequest.repository, plansToOrder(effects));
  const progress = progressOf(before, change);
  return longestFirst(effects, seconds).map((effect) =>
    toJob(change.id, effect, progress, change.revision?.parallelism),
  );
}

function asFault(error: unknown): never {
  if (error instanceof HeldByAnotherChange || error instanceof HoldIsGone || error instanceof MandateUsedUp)
    throw new Fault(error.code, error.message, { retryable: error.retryable });
  if (violates(error, 'attempts_')) {
    throw new Fault('bundle-already-attempted', 'this plan bundle has had its one attempt', {
      retryable: false,
    });
  }
  if (violates(error, 'commands_')) {
    throw new Fault('command-already-taken', 'this comment was taken as a command before', {
      retryable: false,
    });
  }
  throw error;
}

/** The database's own word that something is there already: a unique index whose name begins so. */
function violates(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'constraint' in error && String(error.constraint).startsWith(constraint);
}

/** Looking again and finding all as it was is no event, nor is reserving what is reserved: the log is not filled with it. */
function saysNothing(
  { type }: Fact,
  before: Change,
  { change, effects, entries, refusals }: Decision,
): boolean {
  const isQuiet = effects.length + entries.length + refusals.length === 0;
  return LOOKS.has(type) && isQuiet && canonicalHash(before) === canonicalHash(change);
}

const LOOKS: ReadonlySet<Fact['type']> = new Set([
  'merge-request-read',
  'ticket-read',
  'surroundings-changed',
  'projects-reserved',
  'release-tag-seen',
]);
