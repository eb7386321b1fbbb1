import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Database } from './database-types.ts';

/** What the database tells of itself and of what is around the service. */
export interface Surroundings {
  /** By the database's clock, in milliseconds since 1970. */
  nowMs: number;
  serverVersion: string;
  role: string;
  /** When a delivery of each source was taken last, RFC 3339. */
  lastDeliveries: Readonly<Record<string, string>>;
  /** How many changes there are; with any at all, deliveries were to be expected. */
  changes: number;
  /** Jobs that machinery has given up. */
  givenUp: number;
}

/** Reads all of it, for whoever examines the service. */
export async function readSurroundings(db: Kysely<Database>): Promise<Surroundings> {
  const [server, deliveries, changes, givenUp] = await Promise.all([
    sql<{ now: Date; version: string; role: string }>`
      select clock_timestamp() as now, current_setting('server_version') as version, current_user::text as role
    `.execute(db),
    db
      .selectFrom('webhook_deliveries')
      .select((eb) => ['source', eb.fn.max('received_at').as('last')])
      .groupBy('source')
      .execute(),
    db.selectFrom('changes').select(sql<number>`count(*)::int`.as('n')).executeTakeFirstOrThrow(),
    db
      .selectFrom('outbox')
      .select(sql<number>`count(*)::int`.as('n'))
      .where('gave_up_at', 'is not', null)
      .executeTakeFirstOrThrow(),
  ]);
  const [told] = server.rows;
  if (told === undefined) throw new Error('the database told nothing of itself');
  return {
    nowMs: told.now.getTime(),
    serverVersion: told.version,
    role: told.role,
    lastDeliveries: Object.fromEntries(deliveries.map(({ last, source }) => [source, last.toISOString()])),
    changes: changes.n,
    givenUp: givenUp.n,
  };
}
