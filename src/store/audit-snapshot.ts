import type { Kysely, Transaction } from 'kysely';
import { type LoggedEntry, readEntries, readHead } from './audit.ts';
import { type FiledCheckpoint, readCheckpoints } from './audit-tree.ts';

/** The whole log as of one moment, however long reading it takes. */
export interface LogSnapshot {
  readonly size: number;
  readonly checkpoints: readonly FiledCheckpoint[];
  /** Rows in the order of their index; a missing row is simply not there. */
  entries(): AsyncGenerator<LoggedEntry>;
}

/** Reads under one snapshot of the database, which blocks no writer. */
export function withSnapshot<DB, T>(db: Kysely<DB>, work: (snapshot: LogSnapshot) => Promise<T>): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const { size } = await readHead(trx);
      const checkpoints = await readCheckpoints(trx);
      return work({ size, checkpoints, entries: () => allEntries(trx, size) });
    });
}

async function* allEntries<DB>(trx: Transaction<DB>, size: number): AsyncGenerator<LoggedEntry> {
  for (let from = 0; from < size; from += BATCH) {
    yield* await readEntries(trx, { from, to: from + BATCH });
  }
}

const BATCH = 2_000;
