import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Database } from './database-types.ts';

/** A worker process, by its own word. */
export interface WorkerRow {
  name: string;
  host: string;
  isolation: string;
  terraformVersion: string;
}

/** A worker says that it lives; those that have not for a day are forgotten. */
export async function seeWorker(
  db: Kysely<Database>,
  { name, host, isolation, terraformVersion }: WorkerRow,
): Promise<void> {
  const row = { host, isolation, terraform_version: terraformVersion, seen_at: sql<Date>`clock_timestamp()` };
  await db
    .insertInto('workers')
    .values({ name, ...row })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute();
  await db.deleteFrom('workers').where('seen_at', '<', sql<Date>`now() - interval '1 day'`).execute();
}

/** Workers that said so within the given seconds. */
export async function readWorkers(db: Kysely<Database>, withinSeconds: number): Promise<WorkerRow[]> {
  const rows = await db
    .selectFrom('workers')
    .selectAll()
    .where('seen_at', '>', sql<Date>`now() - ${withinSeconds} * interval '1 second'`)
    .orderBy('name')
    .execute();
  return rows.map((row) => ({
    name: row.name,
    host: row.host,
    isolation: row.isolation,
    terraformVersion: row.terraform_version,
  }));
}
