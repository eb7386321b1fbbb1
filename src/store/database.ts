import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from './database-types.ts';
import { SteadyClient } from './steady-client.ts';

/** An open connection pool and the typed query builder on top of it. */
export interface OpenDatabase {
  readonly db: Kysely<Database>;
  /** For the few who need a connection of their own, such as LISTEN. */
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly max: number;
  readonly applicationName: string;
  /** Told when an idle connection is lost; the pool opens another one by itself. */
  readonly onError: (error: Error) => void;
}

/**
 * Opens the database lazily: the first query connects. Limits are set on every connection so that a paused process
 * stops nobody: PostgreSQL ends a transaction that idles for 5 s and gives up a lock wait after 2 s (both are
 * reported as errors of class 25 and 55, and may be tried again).
 */
export function openDatabase(url: string, options: DatabaseOptions): OpenDatabase {
  const pool = new pg.Pool({
    Client: SteadyClient,
    connectionString: url,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: 10_000,
    idle_in_transaction_session_timeout: 5_000,
    lock_timeout: 2_000,
    statement_timeout: 30_000,
    types: { getTypeParser },
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', options.onError);
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return {
    db,
    pool,
    async close() {
      await db.destroy();
      // Kysely ends the pool only when it has asked something itself; an idle connection keeps a process for 10 s.
      if (!pool.ending) await pool.end();
    },
  };
}

// bigint comes as a string by default; ours are counters and ids, far below 2^53. A date has no time zone, and
// would be shifted by the machine's if it became a Date.
const parsers = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.INT8, parseInt8],
  [pg.types.builtins.DATE, (text) => text],
]);

function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  const ours = format === 'binary' ? undefined : parsers.get(oid);
  return ours ?? pg.types.getTypeParser(oid, format);
}

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`The bigint ${text} from the database does not fit a number.`);
  return value;
}
