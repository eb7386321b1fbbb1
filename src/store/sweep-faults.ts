import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Database } from './database-types.ts';

/** Something that the sweep could not do when it last tried. */
export interface SweepFault {
  step: string;
  /** What of the step's: a repository, merge request, ticket or change. */
  item: string;
  /** What happened there since then has not been read; RFC 3339, as the other times. */
  readFrom: string | undefined;
  code: string;
  reason: string;
  tries: number;
  beganAt: string;
  /** Not tried again before. */
  dueAt: string;
}

/** Everything that fails, the longest first. */
export async function readSweepFaults(db: Kysely<Database>): Promise<SweepFault[]> {
  const rows = await db
    .selectFrom('sweep_faults')
    .selectAll()
    .orderBy('began_at')
    .orderBy('step')
    .orderBy('item')
    .execute();
  return rows.map((row) => ({
    step: row.step,
    item: row.item,
    readFrom: row.read_from?.toISOString(),
    code: row.code,
    reason: row.reason,
    tries: row.tries,
    beganAt: row.began_at.toISOString(),
    dueAt: row.due_at.toISOString(),
  }));
}

/** Remembers that it failed, since when, and from where it has to be read: neither moves on while it fails. */
export async function noteSweepFault(
  db: Kysely<Database>,
  { code, dueAt, item, readFrom, reason, step }: Omit<SweepFault, 'tries' | 'beganAt'>,
): Promise<void> {
  const row = { code, reason, due_at: new Date(dueAt) };
  await db
    .insertInto('sweep_faults')
    .values({ step, item, read_from: readFrom === undefined ? null : new Date(readFrom), ...row })
    .onConflict((conflict) =>
      conflict.columns(['step', 'item']).doUpdateSet({ ...row, tries: sql<number>`sweep_faults.tries + 1` }),
    )
    .execute();
}

/** It succeeded, or is nobody's concern any more. */
export async function forgetSweepFault(
  db: Kysely<Database>,
  { item, step }: Pick<SweepFault, 'step' | 'item'>,
): Promise<void> {
  await db.deleteFrom('sweep_faults').where('step', '=', step).where('item', '=', item).execute();
}
