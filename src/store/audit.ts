import { randomBytes } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import { formatActor } from '#domain/audit/actor.ts';
import { type AuditEntryInput, canonicalJson } from '#domain/audit/entry.ts';
import type { StoredEntry } from '#domain/audit/verify-log.ts';

/** An entry as the log has it, with its index. */
export interface LoggedEntry extends StoredEntry {
  readonly index: number;
  readonly leafHash: Uint8Array;
}

/**
 * Appends entries to the audit log, in order, and returns their indexes. Make it the last statement before commit: it
 * takes the lock on the head of the log, on which every other writer waits. If it throws, nothing that the transaction
 * did has happened. Each payload gets a nonce of its own, which is stored beside it and erased with it.
 */
export async function appendAudit<DB>(
  trx: Transaction<DB>,
  entries: readonly AuditEntryInput[],
): Promise<{ index: number }[]> {
  if (entries.length === 0) return [];
  const { rows } = await sql<{ first: number | string }>`
    select audit.append(${JSON.stringify(entries.map(toRow))}::jsonb) as first`.execute(trx);
  const first = Number(rows[0]?.first);
  return entries.map((_, offset) => ({ index: first + offset }));
}

/** Who has a payload erased, and why; the reason becomes the payload of the entry that records it. */
export interface AuditErasure extends Pick<AuditEntryInput, 'actor' | 'payload' | 'requestId'> {
  readonly index: number;
}

/**
 * Erases the payload and nonce of one entry and records it. Needs a member of `countersign_retention`, which the
 * service is not. Throws when there is nothing to erase, or when the entry is itself an erasure.
 */
export async function eraseAuditPayload<DB>(
  trx: Transaction<DB>,
  { index, ...erasure }: AuditErasure,
): Promise<{ index: number }> {
  const { rows } = await sql<{ index: number | string }>`
    select audit.erase(${index}, ${JSON.stringify(toRow(erasure))}::jsonb) as index`.execute(trx);
  return { index: Number(rows[0]?.index) };
}

/** How many entries have been committed. */
export async function readHead<DB>(db: Kysely<DB>): Promise<{ size: number }> {
  const { rows } = await sql<{ size: number | string }>`select size from audit.head`.execute(db);
  return { size: Number(rows[0]?.size ?? 0) };
}

/**
 * The entries with from <= index < to, in order, with their payloads where those were not erased. Both tables get the
 * bounds, since the planner does not carry a range over a join and would read all payloads for each batch.
 */
export async function readEntries<DB>(
  db: Kysely<DB>,
  { from, to }: { from: number; to: number },
): Promise<LoggedEntry[]> {
  const { rows } = await sql<EntryRow>`
    select e.idx, e.envelope, e.leaf_hash, p.payload, p.nonce, p.erased_by
    from audit.entries e left join audit.payloads p on p.idx = e.idx and p.idx >= ${from} and p.idx < ${to}
    where e.idx >= ${from} and e.idx < ${to} order by e.idx`.execute(db);
  return rows.map(toEntry);
}

/** The entries about one change, in order. */
export async function readEntriesOfChange<DB>(db: Kysely<DB>, changeId: string): Promise<LoggedEntry[]> {
  const { rows } = await sql<EntryRow>`
    select e.idx, e.envelope, e.leaf_hash, p.payload, p.nonce, p.erased_by
    from audit.entries e left join audit.payloads p using (idx)
    where (e.envelope::jsonb) #>> '{subject,changeId}' = ${changeId} order by e.idx`.execute(db);
  return rows.map(toEntry);
}

interface EntryRow {
  idx: number | string;
  envelope: string;
  leaf_hash: Buffer;
  payload: string | null;
  nonce: Buffer | null;
  erased_by: number | string | null;
}

function toEntry({
  idx,
  envelope,
  leaf_hash: leafHash,
  payload: text,
  nonce,
  erased_by,
}: EntryRow): LoggedEntry {
  const payload = text === null || nonce === null ? undefined : { text, nonce };
  const erasedBy = erased_by === null ? undefined : Number(erased_by);
  return { index: Number(idx), envelope, leafHash, payload, erasedBy };
}

function toRow(entry: Partial<AuditEntryInput> & Pick<AuditEntryInput, 'actor' | 'payload'>): object {
  return {
    type: entry.type,
    actor: formatActor(entry.actor),
    subject: entry.subject,
    payload: canonicalJson(entry.payload),
    nonce: randomBytes(NONCE_BYTES).toString('hex'),
    req_id: entry.requestId,
  };
}

const NONCE_BYTES = 32;
