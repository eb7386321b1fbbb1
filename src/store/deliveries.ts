import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Database } from './database-types.ts';

export interface NewDelivery {
  source: 'gitlab' | 'jira';
  key: string;
  event: string;
  repository: number | undefined;
  body: string;
}

/**
 * Stores the delivery with the job that will look at it; false when its key is known already. One statement, so both or
 * neither, and one round trip: this is what a sender of thousands waits for.
 */
export async function storeDelivery(db: Kysely<Database>, delivery: NewDelivery): Promise<boolean> {
  const { source, key, event, repository, body } = delivery;
  const { rows } = await sql`with stored as (
      insert into webhook_deliveries (source, delivery_key, event, repository, body)
      values (${source}, ${key}, ${event}, ${repository ?? null}, ${body})
      on conflict (source, delivery_key) do nothing returning id)
    insert into outbox (effect, payload)
    select 'handle-delivery', jsonb_build_object('deliveryId', id) from stored returning id`.execute(db);
  return rows.length === 1;
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
