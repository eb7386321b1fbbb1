import { type Kysely, sql } from 'kysely';
import type { Database } from './database-types.ts';

/** What the identity provider said of people when they logged in last, with its time by the database's clock. */
export function createLoginClaims(db: Kysely<Database>): {
  keep(person: string, groups: readonly string[]): Promise<void>;
  /** Ids of those whose log-in named the group, no longer ago than this. */
  namedIn(group: string, withinSeconds: number): Promise<string[]>;
} {
  return {
    async keep(person, groups) {
      const said = { groups: JSON.stringify(groups), logged_in_at: sql<Date>`now()` };
      await db
        .insertInto('login_claims')
        .values({ person, ...said })
        .onConflict((conflict) => conflict.column('person').doUpdateSet(said))
        .execute();
    },
    async namedIn(group, withinSeconds) {
      const rows = await db
        .selectFrom('login_claims')
        .select('person')
        .where(sql<boolean>`groups @> ${JSON.stringify([group])}::jsonb`)
        .where('logged_in_at', '>', sql<Date>`now() - ${withinSeconds} * interval '1 second'`)
        .execute();
      return rows.map(({ person }) => person);
    },
  };
}
