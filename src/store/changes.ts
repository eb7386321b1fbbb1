import type { Kysely, Transaction } from 'kysely';
import { sql } from 'kysely';
import { type ChangeStatus, changeStatus } from '#domain/change-status.ts';
import type { Change, MergeRequestRef } from '#domain/change.ts';
import { newChange } from '#domain/decide.ts';
import { storedChange } from '#domain/stored-change.ts';
import type { Database } from './database-types.ts';

/** The id of the merge request's change, made with `freshId` when nobody has asked about it before. */
export async function findOrCreateChange(
  db: Kysely<Database>,
  mergeRequest: MergeRequestRef,
  freshId: string,
): Promise<string> {
  const known = await findChange(db, mergeRequest);
  if (known !== undefined) return known;
  const { repository, iid } = mergeRequest;
  await db
    .insertInto('changes')
    .values({
      id: freshId,
      repository,
      iid,
      state: JSON.stringify(newChange(freshId, mergeRequest)),
      status: 'new',
    })
    .onConflict((conflict) => conflict.columns(['repository', 'iid']).doNothing())
    .execute();
  return (await findChange(db, mergeRequest)) ?? freshId;
}

export async function findChange(
  db: Kysely<Database>,
  { repository, iid }: MergeRequestRef,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('changes')
    .select('id')
    .where('repository', '=', repository)
    .where('iid', '=', iid)
    .executeTakeFirst();
  return row?.id;
}

/** The change as it is now. */
export async function readChange(db: Kysely<Database>, id: string): Promise<Change | undefined> {
  const row = await db.selectFrom('changes').select('state').where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : storedChange(row.state);
}

/** Open changes, for the sweep and for a move of their target branch. */
export async function readOpenChanges(
  db: Kysely<Database>,
  repository: number,
  targetBranch?: string,
): Promise<Change[]> {
  const rows = await db
    .selectFrom('changes')
    .select('state')
    .where('repository', '=', repository)
    .where('status', 'not in', ['merged', 'closed'] satisfies ChangeStatus[])
    .$if(targetBranch !== undefined, (query) => query.where('target_branch', '=', targetBranch ?? ''))
    .execute();
  return rows.map(({ state }) => storedChange(state));
}

export async function findChangeByTicket(db: Kysely<Database>, key: string): Promise<string | undefined> {
  const row = await db.selectFrom('tickets').select('change_id').where('key', '=', key).executeTakeFirst();
  return row?.change_id;
}

/**
 * Locks the change until the transaction ends, and tells the database's time. Rows that only refer to the change, such as
 * a job that somebody else asks for, do not wait: they and we want the same coalescing row, and would wait for each other.
 */
export async function lockChange(
  trx: Transaction<Database>,
  id: string,
): Promise<{ change: Change; at: string; version: number } | undefined> {
  const row = await trx
    .selectFrom('changes')
    .select(['state', 'version', sql<Date>`clock_timestamp()`.as('now')])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : { change: storedChange(row.state), at: row.now.toISOString(), version: row.version };
}

/** Writes the change and the columns people search. Only `record-fact` calls this. */
export async function saveChange(trx: Transaction<Database>, change: Change, version: number): Promise<void> {
  const { ticket } = change;
  await trx
    .updateTable('changes')
    .set({
      state: JSON.stringify(change),
      version: version + 1,
      status: changeStatus(change),
      title: change.title,
      url: change.url,
      author_id: change.author.id === 0 ? null : change.author.id,
      author_username: change.author.username,
      head_sha: change.revision?.headSha ?? null,
      target_branch: change.revision?.targetBranch ?? null,
      approval_id: 'key' in ticket ? ticket.key : null,
      updated_at: sql`clock_timestamp()`,
    })
    .where('id', '=', change.id)
    .execute();
}
