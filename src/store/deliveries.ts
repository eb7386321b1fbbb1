import type { Kysely, Transaction } from 'kysely';
import { sql } from 'kysely';
import type { Database } from './database-types.ts';

export interface NewDelivery {
  source: 'gitlab' | 'jira';
  key: string;
  event: string;
  repository: number | undefined;
  body: string;
}

/** Stores the delivery; undefined when its key is known already. */
export async function insertDelivery(
  trx: Transaction<Database>,
  delivery: NewDelivery,
): Promise<number | undefined> {
  const { source, key, event, repository, body } = delivery;
  const row = await trx
    .insertInto('webhook_deliveries')
    .values({ source, delivery_key: key, event, repository: repository ?? null, body })
    .onConflict((conflict) => conflict.columns(['source', 'delivery_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

export async function readDelivery(
  db: Kysely<Database>,
  id: number,
): Promise<{ source: string; body: string; handled: boolean } | undefined> {
  const row = await db
    .selectFrom('webhook_deliveries')
    .select(['source', 'body', 'handled_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : { source: row.source, body: row.body, handled: row.handled_at !== null };
}

export async function endDelivery(db: Kysely<Database>, id: number, result: string): Promise<void> {
  await db
    .updateTable('webhook_deliveries')
    .set({ handled_at: sql`clock_timestamp()`, result })
    .where('id', '=', id)
    .execute();
}
