import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Database } from './database-types.ts';

/** Sealed bundles in the database, so that every machine's workers find them. Fits the port `BundleShelf`. */
export function createDatabaseShelf(db: Kysely<Database>): {
  write(planRunId: string, sealed: Buffer): Promise<void>;
  read(planRunId: string): Promise<Buffer | undefined>;
  remove(planRunId: string): Promise<void>;
} {
  return {
    async write(planRunId, sealed) {
      const row = { ciphertext: sealed, stored_at: sql<Date>`clock_timestamp()` };
      await db
        .insertInto('plan_bundles')
        .values({ plan_run_id: planRunId, ...row })
        .onConflict((conflict) => conflict.column('plan_run_id').doUpdateSet(row))
        .execute();
    },
    async read(planRunId) {
      const row = await db
        .selectFrom('plan_bundles')
        .select('ciphertext')
        .where('plan_run_id', '=', planRunId)
        .executeTakeFirst();
      return row?.ciphertext;
    },
    async remove(planRunId) {
      await db.deleteFrom('plan_bundles').where('plan_run_id', '=', planRunId).execute();
    },
  };
}
