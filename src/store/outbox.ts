import type { Kysely, Transaction } from 'kysely';
import { sql } from 'kysely';
import type { Database } from './database-types.ts';

/** A row to be written: something that must now be done. */
export interface NewJob {
  effect: string;
  changeId: string | undefined;
  payload: object;
  /** One waiting row per key is enough: whoever runs it does what is wanted at that moment. */
  coalesceKey?: string;
  /** Rows of one key are done one after another, oldest first. */
  exclusiveKey?: string;
  /** When it is to be done, RFC 3339; at once when absent. */
  dueAt?: string;
  /** Milliseconds to let pass after the last row of the same coalesce key was done. */
  paceMs?: number;
  /** Takes turns with those of the same effect of other changes, in the order in which they are added. */
  inTurn?: true;
  /** How many of the same change and effect may be underway at once. */
  mostAtOnce?: number;
}

/** A row that wants to be done now. */
export interface DueJob {
  id: number;
  effect: string;
  tries: number;
  /** Lower ones first; 0 needs no turn. */
  turn: number;
}

/** A row somebody works on; the epoch is part of every write's predicate. */
export interface LeasedJob {
  id: number;
  effect: string;
  changeId: string | undefined;
  payload: unknown;
  tries: number;
  epoch: number;
}

/**
 * Adds rows in the caller's transaction; the relay wakes up when it commits. A row that waits for the same already is
 * enough, and is done as soon as the more urgent of the two; one that failed keeps the time of its next try.
 */
export async function enqueueJobs(trx: Transaction<Database>, jobs: readonly NewJob[]): Promise<void> {
  for (const group of batches(jobs)) {
    const rows = group.map((job, place) => {
      const { changeId, coalesceKey, effect, exclusiveKey, inTurn, mostAtOnce, payload } = job;
      return sql`(${effect}, ${changeId ?? null}, ${JSON.stringify(payload)}::jsonb, ${coalesceKey ?? null},
        ${exclusiveKey ?? null}, ${runAfter(job)}, ${inTurn ? turnOf(job, place) : sql`0`},
        ${mostAtOnce ?? null}::integer)`;
    });
    await sql`insert into outbox
        (effect, change_id, payload, coalesce_key, exclusive_key, run_after, turn, most_at_once)
      values ${sql.join(rows)}
      on conflict (coalesce_key) where coalesce_key is not null and started_at is null and done_at is null
        and gave_up_at is null
      do update set run_after = least(outbox.run_after, excluded.run_after) where outbox.tries = 0`.execute(
      trx,
    );
  }
}

/** In their order, which is that of their ids; those of hundreds of projects in few statements, those that coalesce alone. */
function batches(jobs: readonly NewJob[]): NewJob[][] {
  const all: NewJob[][] = [];
  for (const job of jobs) {
    const last = all.at(-1);
    const fits = last !== undefined && last.length < LARGEST_BATCH && last.at(-1)?.coalesceKey === undefined;
    if (fits && job.coalesceKey === undefined) last.push(job);
    else all.push([job]);
  }
  return all;
}

const LARGEST_BATCH = 500;

/**
 * After the change's own that are still open, and not before what is underway anywhere: who comes late does not get what
 * others got before, and who comes last of many does not wait for all of them. BullMQ knows turns up to `LAST_TURN`.
 */
function turnOf({ changeId, effect }: NewJob, place: number) {
  return sql`least(${LAST_TURN}, ${place} + greatest(
    (select coalesce(min(turn), 1) from outbox where turn > 0 and effect = ${effect} and ${OPEN}),
    (select coalesce(max(turn), 0) + 1 from outbox where turn > 0 and effect = ${effect}
      and change_id = ${changeId ?? null} and ${OPEN})))`;
}

const LAST_TURN = 2_097_151;

function runAfter({ coalesceKey, dueAt, paceMs }: NewJob) {
  if (dueAt !== undefined) return sql`${dueAt}::timestamptz`;
  if (coalesceKey === undefined || paceMs === undefined) return sql`now()`;
  return sql`greatest(now(), coalesce((select max(done_at) from outbox where coalesce_key = ${coalesceKey})
    + ${paceMs} * interval '1 millisecond', now()))`;
}

const OPEN = sql`done_at is null and gave_up_at is null`;
const FREE = sql`(lease_until is null or lease_until < clock_timestamp())`;
/** Nothing older with the same exclusive key is still open. */
const ITS_TURN = sql`(exclusive_key is null or not exists (select from outbox older
  where older.exclusive_key = outbox.exclusive_key and older.id < outbox.id
    and older.done_at is null and older.gave_up_at is null))`;

/** Not more of its change are before it than may be underway at once. */
const HAS_ROOM = sql`(most_at_once is null or most_at_once > (select count(*) from outbox ahead
  where ahead.change_id = outbox.change_id and ahead.effect = outbox.effect and ahead.turn > 0
    and ahead.turn < outbox.turn and ahead.done_at is null and ahead.gave_up_at is null))`;

/** Rows whose time has come and that are not in the queue, as far as anybody knows; marks them as put there. */
export async function takeDueJobs(
  db: Kysely<Database>,
  limit: number,
  forgottenAfterMs: number,
): Promise<DueJob[]> {
  const { rows } = await sql<DueJob>`
    update outbox set enqueued_at = clock_timestamp() where id in (
      select id from outbox where ${OPEN} and ${FREE} and ${ITS_TURN} and ${HAS_ROOM} and run_after <= clock_timestamp()
        and (enqueued_at is null or enqueued_at < clock_timestamp() - ${forgottenAfterMs} * interval '1 millisecond')
      order by turn, id limit ${limit} for update skip locked)
    returning id, effect, tries, turn`.execute(db);
  return rows.toSorted((a, b) => a.turn - b.turn || a.id - b.id);
}

/** Milliseconds until the next row is due; undefined when none waits. */
export async function nextDue(db: Kysely<Database>): Promise<number | undefined> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(run_after) - clock_timestamp()) * 1000)::float8 as ms
    from outbox where ${OPEN} and ${ITS_TURN} and ${HAS_ROOM} and enqueued_at is null`.execute(db);
  return rows[0]?.ms ?? undefined;
}

/** Takes the lease of a row; undefined when it is done, taken, or not its turn. */
export async function leaseJob(
  db: Kysely<Database>,
  id: number,
  owner: string,
  leaseMs: number,
): Promise<LeasedJob | undefined> {
  const { rows } = await sql<{
    id: number;
    effect: string;
    change_id: string | null;
    payload: unknown;
    tries: number;
    lease_epoch: number;
  }>`
    update outbox set lease_owner = ${owner}, lease_epoch = lease_epoch + 1, tries = tries + 1,
      started_at = clock_timestamp(), lease_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
    where id = ${id} and ${OPEN} and ${FREE} and ${ITS_TURN} and ${HAS_ROOM} and run_after <= clock_timestamp()
    returning id, effect, change_id, payload, tries, lease_epoch`.execute(db);
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    id: row.id,
    effect: row.effect,
    changeId: row.change_id ?? undefined,
    payload: row.payload,
    tries: row.tries,
    epoch: row.lease_epoch,
  };
}

/** Keeps the lease; false when it was lost. */
export async function renewJob(db: Kysely<Database>, job: LeasedJob, leaseMs: number): Promise<boolean> {
  const { rows } = await sql`
    update outbox set lease_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
    where id = ${job.id} and lease_epoch = ${job.epoch} and ${OPEN} returning id`.execute(db);
  return rows.length === 1;
}

/** Marks a row done and wakes the relay for what waited behind it; false when the lease was lost. */
export async function completeJob(
  db: Kysely<Database>,
  job: Pick<LeasedJob, 'id' | 'epoch'>,
): Promise<boolean> {
  const { rows } = await sql`
    update outbox set done_at = clock_timestamp(), lease_until = null
    where id = ${job.id} and lease_epoch = ${job.epoch} and ${OPEN}
    returning pg_notify('countersign_outbox', '')`.execute(db);
  return rows.length === 1;
}

/** Puts a row back, to be tried after `delayMs`; or gives it up. */
export async function failJob(
  db: Kysely<Database>,
  job: LeasedJob,
  failure: { error: string; delayMs: number; giveUp: boolean },
): Promise<void> {
  await sql`
    update outbox set last_error = ${failure.error.slice(0, 2000)}, lease_until = null, enqueued_at = null,
      run_after = clock_timestamp() + ${failure.delayMs} * interval '1 millisecond',
      started_at = case when ${failure.giveUp}::boolean or exists (select from outbox twin where twin.coalesce_key = outbox.coalesce_key
        and twin.id <> outbox.id and twin.started_at is null and twin.done_at is null and twin.gave_up_at is null)
        then started_at else null end,
      gave_up_at = case when ${failure.giveUp}::boolean then clock_timestamp() end
    where id = ${job.id} and lease_epoch = ${job.epoch} and ${OPEN}`.execute(db);
  await sql`select pg_notify('countersign_outbox', '')`.execute(db);
}
