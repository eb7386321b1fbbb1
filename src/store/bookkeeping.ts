import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Database } from './database-types.ts';

/** What was last shown in a place of desired state, and where: a note's id, say. */
export interface Published {
  hash: string;
  ref: unknown;
}

export async function readPublished(
  db: Kysely<Database>,
  changeId: string,
  kind: string,
): Promise<Published | undefined> {
  return db
    .selectFrom('published')
    .select(['hash', 'ref'])
    .where('change_id', '=', changeId)
    .where('kind', '=', kind)
    .executeTakeFirst();
}

export async function writePublished(
  db: Kysely<Database>,
  changeId: string,
  kind: string,
  { hash, ref }: Published,
): Promise<void> {
  const row = { hash, ref: JSON.stringify(ref ?? null), at: sql<Date>`clock_timestamp()` };
  await db
    .insertInto('published')
    .values({ change_id: changeId, kind, ...row })
    .onConflict((conflict) => conflict.columns(['change_id', 'kind']).doUpdateSet(row))
    .execute();
}

/** Who holds a project, and why nobody may apply there, if so. */
export async function readHold(
  db: Kysely<Database>,
  repository: number,
  project: string,
): Promise<{ changeId: string; iid: number; quarantined: string | undefined; since: string } | undefined> {
  const row = await db
    .selectFrom('holds')
    .innerJoin('changes', 'changes.id', 'holds.change_id')
    .select(['holds.change_id', 'changes.iid', 'holds.quarantined', 'holds.since'])
    .where('holds.repository', '=', repository)
    .where('holds.project', '=', project)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : {
        changeId: row.change_id,
        iid: row.iid,
        quarantined: row.quarantined ?? undefined,
        since: row.since.toISOString(),
      };
}

export async function addToCounter(db: Kysely<Database>, name: string, by: number): Promise<void> {
  await sql`insert into counters (name, value) values (${name}, ${by})
    on conflict (name) do update set value = counters.value + excluded.value`.execute(db);
}

/** How far the sweep has read a place; RFC 3339. */
export async function readCursor(db: Kysely<Database>, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('sweep_cursors').select('at').where('name', '=', name).executeTakeFirst();
  return row?.at.toISOString();
}

export async function writeCursor(db: Kysely<Database>, name: string, at: string): Promise<void> {
  await db
    .insertInto('sweep_cursors')
    .values({ name, at: new Date(at) })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ at: new Date(at) }))
    .execute();
}

/** Repository and iid pairs of commands already taken, among the given notes. */
export async function readTakenCommands(
  db: Kysely<Database>,
  repository: number,
  noteIds: readonly number[],
): Promise<number[]> {
  if (noteIds.length === 0) return [];
  const rows = await db
    .selectFrom('commands')
    .select('note_id')
    .where('repository', '=', repository)
    .where('note_id', 'in', noteIds)
    .execute();
  return rows.map((row) => row.note_id);
}

/** When an evaluation of the gates was made, RFC 3339. */
export async function readEvaluationTime(
  db: Kysely<Database>,
  evaluationId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('gate_evaluations')
    .select('at')
    .where('id', '=', evaluationId)
    .executeTakeFirst();
  return row?.at.toISOString();
}

/** The database's clock, RFC 3339 UTC: the only clock that orders anything. */
export async function databaseNow(db: Kysely<Database>): Promise<string> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  return rows[0]?.now.toISOString() ?? '';
}
