import { HASH_BYTES, type TreeHead } from './merkle.ts';
import { type NoteKey, parseNote, verifyNote } from './signed-note.ts';

/** A head of the log as C2SP tlog-checkpoint writes it; `origin` names the log, `note` is the whole signed text. */
export interface Checkpoint extends TreeHead {
  origin: string;
  note: string;
}

/** A checkpoint that may be believed, or why it may not. */
export type OpenedCheckpoint =
  | { kind: 'checkpoint'; checkpoint: Checkpoint }
  | { kind: 'refused'; reason: 'not-a-checkpoint' | 'bad-signature' | 'unknown-key' | 'other-log' };

/** The text to sign: origin, size and base64 root, a line each. */
export function formatCheckpointText(origin: string, head: TreeHead): string {
  return `${origin}\n${head.size}\n${Buffer.from(head.root).toString('base64')}\n`;
}

/** Reads a signed checkpoint and checks its signature; with `origin`, that it is of this log and no other. */
export function openCheckpoint(note: string, keys: readonly NoteKey[], origin?: string): OpenedCheckpoint {
  const parsed = parseNote(note);
  const checkpoint = parsed && parseCheckpointText(parsed.text, note);
  if (parsed === undefined || checkpoint === undefined) return refused('not-a-checkpoint');
  const verdict = verifyNote(parsed, keys);
  if (verdict !== 'signed') return refused(verdict);
  if (origin !== undefined && checkpoint.origin !== origin) return refused('other-log');
  return { kind: 'checkpoint', checkpoint };
}

/** The head a checkpoint claims, without asking who signed it; undefined when it is no checkpoint. */
export function readCheckpoint(note: string): Checkpoint | undefined {
  const parsed = parseNote(note);
  return parsed && parseCheckpointText(parsed.text, note);
}

/**
 * The checkpoints quoted in other text: a tag message, a ticket comment, a file. A quote may be indented, quoted with
 * `>`, fenced, or come with CRLF line ends; what is found is the exact note. Nothing is said about its signature.
 */
export function findCheckpoints(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/^[\s>]*/, '').trimEnd());
  const notes: string[] = [];
  for (let start = 0; start < lines.length; start += 1) {
    const blank = lines.indexOf('', start);
    if (blank < start + 3) continue;
    let end = blank + 1;
    while (lines[end]?.startsWith('— ')) end += 1;
    const note = `${lines.slice(start, end).join('\n')}\n`;
    if (end > blank + 1 && readCheckpoint(note) !== undefined) notes.push(note);
  }
  return notes;
}

function parseCheckpointText(text: string, note: string): Checkpoint | undefined {
  const match = /^([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/.exec(text);
  if (match === null) return undefined;
  const [, origin, decimal, base64] = match as unknown as [string, string, string, string];
  const root = Buffer.from(base64, 'base64');
  const size = Number(decimal);
  if (!Number.isSafeInteger(size) || root.length !== HASH_BYTES || root.toString('base64') !== base64) {
    return undefined;
  }
  return { origin, size, root, note };
}

const refused = (reason: Extract<OpenedCheckpoint, { kind: 'refused' }>['reason']): OpenedCheckpoint => ({
  kind: 'refused',
  reason,
});
