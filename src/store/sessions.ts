import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Database } from './database-types.ts';

/** Browser sessions by the SHA-256 of their token; expiry by the database's clock. */
export function createSessions(db: Kysely<Database>): {
  open(tokenHash: string, person: string, seconds: number): Promise<void>;
  find(tokenHash: string): Promise<string | undefined>;
  close(tokenHash: string): Promise<void>;
} {
  return {
    async open(tokenHash, person, seconds) {
      await db.deleteFrom('sessions').where('expires_at', '<', sql<Date>`now()`).execute();
      const expires = sql<Date>`now() + ${seconds} * interval '1 second'`;
      await db
        .insertInto('sessions')
        .values({ token_hash: tokenHash, person, expires_at: expires })
        .execute();
    },
    async find(tokenHash) {
      const row = await db
        .selectFrom('sessions')
        .select('person')
        .where('token_hash', '=', tokenHash)
        .where('expires_at', '>', sql<Date>`now()`)
        .executeTakeFirst();
      return row?.person;
    },
    async close(tokenHash) {
      await db.deleteFrom('sessions').where('token_hash', '=', tokenHash).execute();
    },
  };
}
