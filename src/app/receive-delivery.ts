import type { Database } from '#store/database-types.ts';
import { insertDelivery, type NewDelivery } from '#store/deliveries.ts';
import { enqueueJobs } from '#store/outbox.ts';
import type { Kysely } from '#store/query.ts';
import { inTransaction } from '#store/transaction.ts';

/** Stores an authenticated delivery once, together with the job that will look at it. */
export async function receiveDelivery(
  db: Kysely<Database>,
  delivery: NewDelivery,
): Promise<'stored' | 'duplicate'> {
  return inTransaction(db, async (trx) => {
    const deliveryId = await insertDelivery(trx, delivery);
    if (deliveryId === undefined) return 'duplicate';
    await enqueueJobs(trx, [{ effect: 'handle-delivery', changeId: undefined, payload: { deliveryId } }]);
    return 'stored';
  });
}
