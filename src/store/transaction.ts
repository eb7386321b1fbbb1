import { setTimeout as wait } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import type { Database } from './database-types.ts';

/** Lock timeout, deadlock, serialization failure: nothing happened, and trying again is the cure. */
const AGAIN = new Set(['55P03', '40P01', '40001']);
const TRIES = 8;

/**
 * Runs `work` in a transaction, again when PostgreSQL says that waiting would have been too long or that two
 * transactions stood in each other's way. `work` must do nothing outside the database.
 */
export async function inTransaction<T>(
  db: Kysely<Database>,
  work: (trx: Transaction<Database>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt === TRIES || !AGAIN.has(codeOf(error))) throw error;
      await wait(Math.random() * 20 * 2 ** attempt);
    }
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
