import { type Kysely, sql } from 'kysely';
import type { Checkpoint } from '#domain/audit/checkpoint.ts';
import type { NodeId } from '#domain/audit/merkle.ts';

/** A checkpoint as it was filed. */
export interface FiledCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
  readonly at: Date;
}

/** Hashes the subtrees completed since the last call, in the database; returns the size that the tree now covers. */
export async function growTree<DB>(db: Kysely<DB>): Promise<number> {
  const { rows } = await sql<{ size: number | string }>`select audit.grow_tree() as size`.execute(db);
  return Number(rows[0]?.size);
}

/** The stored hashes of complete subtrees, in the order asked for. Throws RangeError when one is not there. */
export async function readNodes<DB>(db: Kysely<DB>, nodes: readonly NodeId[]): Promise<Uint8Array[]> {
  if (nodes.length === 0) return [];
  const levels = nodes.map(({ level }) => level);
  const indexes = nodes.map(({ index }) => index);
  const { rows } = await sql<{ hash: Buffer | null }>`
    select coalesce(n.hash, e.leaf_hash) as hash
    from unnest(${levels}::smallint[], ${indexes}::bigint[]) with ordinality as wanted (level, idx, place)
    left join audit.nodes n on n.level = wanted.level and n.idx = wanted.idx
    left join audit.entries e on wanted.level = 0 and e.idx = wanted.idx
    order by wanted.place`.execute(db);
  return rows.map(({ hash }, at) => {
    if (hash === null) throw new RangeError(`no hash stored for subtree ${levels[at]}/${indexes[at]}`);
    return hash;
  });
}

/** Files a signed checkpoint; the same one again is nothing. Throws when another root was filed for its size. */
export async function fileCheckpoint<DB>(db: Kysely<DB>, { size, root, note }: Checkpoint): Promise<void> {
  await sql`select audit.file_checkpoint(${size}, ${Buffer.from(root)}, ${note})`.execute(db);
}

/** Every checkpoint filed, smallest first. */
export async function readCheckpoints<DB>(db: Kysely<DB>): Promise<FiledCheckpoint[]> {
  const { rows } = await sql<CheckpointRow>`
    select size, root, note, at from audit.checkpoints order by size`.execute(db);
  return rows.map(toCheckpoint);
}

/** The newest checkpoint: what a release tag or a closing ticket quotes. */
export async function readLatestCheckpoint<DB>(db: Kysely<DB>): Promise<FiledCheckpoint | undefined> {
  const { rows } = await sql<CheckpointRow>`
    select size, root, note, at from audit.checkpoints order by size desc limit 1`.execute(db);
  return rows.map(toCheckpoint)[0];
}

/**
 * Runs `work` while nobody else in the cluster runs work under the same lock; waits for its turn as long as the
 * connection's `lock_timeout` allows. Holds a connection, but no transaction.
 */
export async function underCheckpointLock<DB, T>(
  db: Kysely<DB>,
  work: (connection: Kysely<DB>) => Promise<T>,
): Promise<T> {
  return db.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${CHECKPOINT_LOCK})`.execute(connection);
    try {
      return await work(connection);
    } finally {
      await sql`select pg_advisory_unlock(${CHECKPOINT_LOCK})`.execute(connection);
    }
  });
}

interface CheckpointRow {
  size: number | string;
  root: Buffer;
  note: string;
  at: Date;
}

const toCheckpoint = (row: CheckpointRow): FiledCheckpoint => ({ ...row, size: Number(row.size) });

// Any number will do as long as nothing else in the database takes it.
const CHECKPOINT_LOCK = 6_962_116_101;
