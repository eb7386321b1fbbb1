import type { Kysely } from '#store/query.ts';
import { sql } from '#store/query.ts';
import { type Envelope, parseEnvelope } from '#domain/audit/entry.ts';
import { inclusionRanges, nodesOf, proofFrom } from '#domain/audit/proof.ts';
import { formatTlogProof } from '#domain/audit/tlog-proof.ts';
import { type LoggedEntry, readEntries, readHead } from '#store/audit.ts';
import { type FiledCheckpoint, readLatestCheckpoint, readNodes } from '#store/audit-tree.ts';
import type { Database } from '#store/database-types.ts';
import { type NameOf, type PersonView, showActor } from './names.ts';

/** One line of the log. */
export interface EntryRow {
  index: number;
  at: string;
  type: string;
  actor: PersonView;
  subject: Record<string, string>;
}

/** One entry whole, with the proof that it is in the log the latest checkpoint signs. */
export interface AuditEntryView extends EntryRow {
  /** The exact bytes that were hashed. */
  envelope: string;
  leafHash: string;
  /** Canonical JSON, or `erased` when it was removed under retention or privacy rules. */
  payload: { status: 'kept'; text: string } | { status: 'erased' };
  /** Absent until a checkpoint covers the entry. */
  inclusion?: {
    checkpointSize: number;
    root: string;
    hashes: string[];
    /** The same for tools: C2SP tlog-proof. */
    proof: string;
  };
}

export interface LogHead {
  /** Committed entries. */
  size: number;
  checkpoint?: { size: number; root: string; note: string; at: string };
}

export interface LogEntries {
  rows: EntryRow[];
  size: number;
  /** Size that the latest checkpoint covers. */
  covered: number;
}

/** How long the log is and the newest signed head of it. */
export async function showHead(db: Kysely<Database>): Promise<LogHead> {
  const [{ size }, checkpoint] = await Promise.all([readHead(db), readLatestCheckpoint(db)]);
  return { size, ...(checkpoint === undefined ? {} : { checkpoint: showCheckpoint(checkpoint) }) };
}

export async function listEntries(
  db: Kysely<Database>,
  nameOf: NameOf,
  before: number | undefined,
  limit: number,
): Promise<LogEntries> {
  const head = await showHead(db);
  const to = Math.min(before ?? head.size, head.size);
  const entries = to <= 0 ? [] : await readEntries(db, { from: Math.max(0, to - limit), to });
  return {
    rows: entries.toReversed().map((entry) => showRow(entry, nameOf)),
    size: head.size,
    covered: head.checkpoint?.size ?? 0,
  };
}

export async function showEntry(
  db: Kysely<Database>,
  nameOf: NameOf,
  index: number,
): Promise<AuditEntryView | undefined> {
  const [entry] = await readEntries(db, { from: index, to: index + 1 });
  if (entry === undefined) return undefined;
  const inclusion = await prove(db, index, await readLatestCheckpoint(db));
  return {
    ...showRow(entry, nameOf),
    envelope: entry.envelope,
    leafHash: hex(entry.leafHash),
    payload:
      entry.payload === undefined ? { status: 'erased' } : { status: 'kept', text: entry.payload.text },
    ...(inclusion === undefined ? {} : { inclusion }),
  };
}

/** The latest entries about a change, newest first, without payloads; and how many there are. */
export async function entriesOfChange(
  db: Kysely<Database>,
  changeId: string,
  nameOf: NameOf,
  limit: number,
): Promise<{ rows: EntryRow[]; total: number }> {
  const ofChange = sql`(envelope::jsonb) #>> '{subject,changeId}' = ${changeId}`;
  const { rows } = await sql<{ index: number; envelope: string; total: number }>`
    select idx as index, envelope, count(*) over () as total
    from audit.entries where ${ofChange} order by idx desc limit ${limit}`.execute(db);
  return { rows: rows.map((row) => showRow(row, nameOf)), total: rows[0]?.total ?? 0 };
}

async function prove(
  db: Kysely<Database>,
  index: number,
  checkpoint: FiledCheckpoint | undefined,
): Promise<AuditEntryView['inclusion']> {
  if (checkpoint === undefined || index >= checkpoint.size) return undefined;
  const ranges = inclusionRanges(index, checkpoint.size);
  const hashes = proofFrom(ranges, await readNodes(db, nodesOf(ranges)));
  const proof = formatTlogProof({ index, proof: hashes, checkpoint: checkpoint.note });
  return { checkpointSize: checkpoint.size, root: hex(checkpoint.root), hashes: hashes.map(hex), proof };
}

function showRow({ index, envelope }: Pick<LoggedEntry, 'index' | 'envelope'>, nameOf: NameOf): EntryRow {
  const parsed = parseEnvelope(envelope);
  if (parsed === undefined) return UNREADABLE(index);
  return {
    index,
    at: parsed.ts,
    type: parsed.type,
    actor: showActor(parsed.actor, nameOf),
    subject: ids(parsed),
  };
}

/** Somebody changed the stored text: `audit verify` says what; a page must still show that there is an entry. */
const UNREADABLE = (index: number): EntryRow => ({
  index,
  at: '',
  type: 'unreadable',
  actor: { id: '', name: 'unknown' },
  subject: {},
});

const ids = ({ subject }: Envelope): Record<string, string> => subject;

function showCheckpoint({ size, root, note, at }: FiledCheckpoint) {
  return { size, root: Buffer.from(root).toString('base64'), note, at: at.toISOString() };
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
