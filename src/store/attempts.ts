import type { Kysely, Transaction } from 'kysely';
import { sql } from 'kysely';
import type { Change } from '#domain/change.ts';
import type { Fact, FactOf } from '#domain/fact.ts';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import type { Database } from './database-types.ts';

type Trx = Transaction<Database>;

/** Nobody has recorded the end of these yet. */
const OPEN = ['claimed', 'running', 'lost'];

/** What belongs to the end of an attempt and is too large for its fact. */
interface AttemptAttachment {
  erroredState?: Buffer;
  attempt?: { diagnostics: readonly Diagnostic[] };
}

/** Keeps the attempt's row in step with what the core decided. Only `record-fact` calls this. */
export async function projectAttempt(
  trx: Trx,
  before: Change,
  after: Change,
  fact: Fact,
  { attempt, erroredState }: AttemptAttachment,
): Promise<void> {
  if (fact.type === 'attempt-claimed') await claim(trx, before, after, fact);
  if (fact.type === 'attempt-started') {
    await update(trx, fact.attemptId, ['claimed'], { status: 'running', started_at: sql`clock_timestamp()` });
  }
  const diagnostics = attempt === undefined ? null : JSON.stringify(attempt.diagnostics);
  if (fact.type === 'attempt-ended') await end(trx, fact, diagnostics, erroredState);
  if (fact.type === 'attempt-lost') {
    const lost = { status: 'lost', outcome: 'unknown', reason: fact.reason, diagnostics };
    await keepErroredState(trx, fact.attemptId, erroredState);
    await update(trx, fact.attemptId, ['claimed', 'running'], lost);
  }
  if (fact.type === 'attempt-resolved') {
    await update(trx, fact.attemptId, ['lost'], {
      status: 'resolved',
      resolved_as: fact.as,
      resolved_by: JSON.stringify(fact.noteId === undefined ? fact.by : { ...fact.by, noteId: fact.noteId }),
      reason: fact.reason,
      ended_at: sql`clock_timestamp()`,
    });
  }
}

async function claim(
  trx: Trx,
  before: Change,
  after: Change,
  fact: FactOf<'attempt-claimed'>,
): Promise<void> {
  const claimed = after.projects.find(({ key }) => key === fact.project);
  // The core refuses a claim by leaving the project as it was; then nothing was claimed.
  if (claimed?.status !== 'applying' || before.projects.includes(claimed)) return;
  const { command, plan } = claimed;
  await trx
    .insertInto('attempts')
    .values({
      id: fact.attemptId,
      change_id: after.id,
      revision: after.revision?.number ?? 0,
      project: fact.project,
      plan_run_id: fact.planRunId,
      bundle_hash: fact.bundleHash,
      approval_id: 'key' in after.ticket ? after.ticket.key : null,
      commanded_by: command === undefined ? null : JSON.stringify(command.by),
      status: 'claimed',
      serial_before: plan.state === 'none' ? null : plan.state.serial,
      heartbeat_at: sql`clock_timestamp()`,
    })
    .execute();
}

async function end(
  trx: Trx,
  { attemptId, outcome }: FactOf<'attempt-ended'>,
  diagnostics: string | null,
  erroredState: Buffer | undefined,
): Promise<void> {
  await keepErroredState(trx, attemptId, erroredState);
  await update(trx, attemptId, OPEN, {
    status: 'ended',
    outcome: outcome.kind,
    reason: outcome.kind === 'succeeded' ? null : outcome.reason,
    serial_after: outcome.serialAfter ?? null,
    log_digest: outcome.logDigest,
    diagnostics,
    ended_at: sql`clock_timestamp()`,
  });
}

/** Kept whatever the outcome: it is all that is known of what was made. */
async function keepErroredState(trx: Trx, attemptId: string, sealed: Buffer | undefined): Promise<void> {
  if (sealed === undefined) return;
  await trx
    .insertInto('errored_states')
    .values({ attempt_id: attemptId, ciphertext: sealed })
    .onConflict((conflict) => conflict.column('attempt_id').doNothing())
    .execute();
}

async function update(trx: Trx, id: string, from: string[], values: object): Promise<void> {
  await trx.updateTable('attempts').set(values).where('id', '=', id).where('status', 'in', from).execute();
}

/** Who runs an attempt: enough to tell whether that very process still lives. */
export interface AttemptOwner {
  host: string;
  bootId: string;
  supervisorPid: number;
  supervisorStart: string;
  spool: string;
}

export interface AttemptRow {
  id: string;
  changeId: string;
  project: string;
  planRunId: string;
  status: string;
  owner: AttemptOwner | undefined;
  terraform: { pid: number; start: string } | undefined;
  epoch: number;
  interruptRequested: boolean;
  /** The comment in which somebody said how it ended. */
  resolvedByNote: number | undefined;
  /** Milliseconds since the last heartbeat, by the database's clock. */
  silentMs: number;
}

/** The attempt as it is; undefined when there is none. */
export async function readAttempt(db: Kysely<Database>, id: string): Promise<AttemptRow | undefined> {
  return (await selectAttempts(db).where('id', '=', id).execute()).map(toAttempt)[0];
}

/** Attempts whose end nobody has recorded: claimed, running, or lost. */
export async function readOpenAttempts(db: Kysely<Database>): Promise<AttemptRow[]> {
  return (await selectAttempts(db).where('status', 'in', OPEN).execute()).map(toAttempt);
}

/**
 * Takes the attempt over: the new owner's epoch is the only one whose heartbeats count from now on. Undefined when
 * somebody else was faster, or the attempt is over.
 */
export async function ownAttempt(
  db: Kysely<Database>,
  id: string,
  expectedEpoch: number,
  owner: AttemptOwner,
): Promise<{ epoch: number } | undefined> {
  return db
    .updateTable('attempts')
    .set({
      host: owner.host,
      boot_id: owner.bootId,
      supervisor_pid: owner.supervisorPid,
      supervisor_start: owner.supervisorStart,
      spool: owner.spool,
      epoch: expectedEpoch + 1,
      heartbeat_at: sql`clock_timestamp()`,
    })
    .where('id', '=', id)
    .where('epoch', '=', expectedEpoch)
    .where('status', 'in', OPEN)
    .returning('epoch')
    .executeTakeFirst();
}

/** Says that the attempt is alive; tells whether somebody asked it to stop. Undefined when this owner owns it no more. */
export async function beat(
  db: Kysely<Database>,
  id: string,
  epoch: number,
  terraform?: { pid: number; start: string },
): Promise<{ status: string; interrupt: boolean } | undefined> {
  const row = await db
    .updateTable('attempts')
    .set({
      heartbeat_at: sql`clock_timestamp()`,
      ...(terraform === undefined ? {} : { terraform_pid: terraform.pid, terraform_start: terraform.start }),
    })
    .where('id', '=', id)
    .where('epoch', '=', epoch)
    .where('status', 'in', OPEN)
    .returning(['status', 'interrupt_requested'])
    .executeTakeFirst();
  return row === undefined ? undefined : { status: row.status, interrupt: row.interrupt_requested };
}

/** What terraform found wrong in each of the attempts, as far as it said so. */
export async function readApplyDiagnostics(
  db: Kysely<Database>,
  ids: readonly string[],
): Promise<Map<string, readonly Diagnostic[]>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('attempts').select(['id', 'diagnostics']).where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, (row.diagnostics as Diagnostic[] | null) ?? []]));
}

export async function requestInterrupt(db: Kysely<Database>, id: string): Promise<void> {
  await db.updateTable('attempts').set({ interrupt_requested: true }).where('id', '=', id).execute();
}

function selectAttempts(db: Kysely<Database>) {
  return db
    .selectFrom('attempts')
    .selectAll()
    .select(
      sql<number>`(extract(epoch from clock_timestamp() - heartbeat_at) * 1000)::float8`.as('silent_ms'),
    );
}

function toAttempt(
  row: Awaited<ReturnType<ReturnType<typeof selectAttempts>['execute']>>[number],
): AttemptRow {
  const { host, boot_id: bootId, supervisor_pid: pid, supervisor_start: start, spool } = row;
  const owned = host !== null && bootId !== null && pid !== null && start !== null && spool !== null;
  return {
    id: row.id,
    changeId: row.change_id,
    project: row.project,
    planRunId: row.plan_run_id,
    status: row.status,
    owner: owned ? { host, bootId, supervisorPid: pid, supervisorStart: start, spool } : undefined,
    terraform:
      row.terraform_pid === null || row.terraform_start === null
        ? undefined
        : { pid: row.terraform_pid, start: row.terraform_start },
    epoch: row.epoch,
    interruptRequested: row.interrupt_requested,
    resolvedByNote: noteIdOf(row.resolved_by),
    silentMs: row.silent_ms,
  };
}

function noteIdOf(resolvedBy: unknown): number | undefined {
  return typeof resolvedBy === 'object' &&
    resolvedBy !== null &&
    'noteId' in resolvedBy &&
    typeof resolvedBy.noteId === 'number'
    ? resolvedBy.noteId
    : undefined;
}
