import type { Database } from '#store/database-types.ts';
import { type NewDelivery, storeDelivery } from '#store/deliveries.ts';
import type { Kysely } from '#store/query.ts';

/** Stores an authenticated delivery once, together with the job that will look at it. */
export async function receiveDelivery(
  db: Kysely<Database>,
  delivery: NewDelivery,
): Promise<'stored' | 'duplicate'> {
  return (await storeDelivery(db, delivery)) ? 'stored' : 'duplicate';
}
