import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

/** A public key that may sign notes, as C2SP signed-note names it: key name and four-byte key id. */
export interface NoteKey {
  name: string;
  id: Uint8Array;
  publicKey: KeyObject;
}

/** A note taken apart: the signed text with its final newline, and its signature lines. */
export interface SignedNote {
  text: string;
  signatures: NoteSignature[];
}

export interface NoteSignature {
  name: string;
  id: Uint8Array;
  signature: Uint8Array;
}

/** What verifying a note came to; `unknown-key` is no forgery, only nobody we know. */
export type NoteVerdict = 'signed' | 'bad-signature' | 'unknown-key';

/** The key id of an Ed25519 key: SHA-256(name || 0x0A || 0x01 || public key)[:4] (C2SP signed-note). */
export function noteKeyId(name: string, publicKey: Uint8Array): Uint8Array {
  return createHash('sha256').update(`${name}\n`).update(ED25519).update(publicKey).digest().subarray(0, 4);
}

/** The verifier key `<name>+<hex id>+<base64(0x01 || 32-byte public key)>` that is handed to auditors. */
export function formatVerifierKey(name: string, publicKey: Uint8Array): string {
  if (!isKeyName(name)) throw new RangeError(`not a key name: ${JSON.stringify(name)}`);
  const id = Buffer.from(noteKeyId(name, publicKey)).toString('hex');
  return `${name}+${id}+${Buffer.concat([ED25519, publicKey]).toString('base64')}`;
}

/** The key in a verifier key line, or undefined when it is malformed, not Ed25519, or its id is not its own. */
export function parseVerifierKey(vkey: string): NoteKey | undefined {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(vkey.trim());
  if (match === null) return undefined;
  const [, name, hexId, base64] = match as unknown as [string, string, string, string];
  const bytes = Buffer.from(base64, 'base64');
  const raw = bytes.subarray(1);
  if (!isKeyName(name) || bytes[0] !== ED25519[0] || raw.length !== 32) return undefined;
  const id = noteKeyId(name, raw);
  if (Buffer.from(id).toString('hex') !== hexId) return undefined;
  return { name, id, publicKey: ed25519PublicKey(raw) };
}

/** The note made of a text (ending in a newline) and signatures over exactly its bytes. */
export function formatNote(text: string, signatures: readonly NoteSignature[]): string {
  if (!text.endsWith('\n')) throw new RangeError('the text of a note ends in a newline');
  const lines = signatures.map(
    ({ name, id, signature }) => `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`,
  );
  return `${text}\n${lines.join('')}`;
}

/** The note in `message`, or undefined when it is not one: no final blank line, control characters, bad lines. */
export function parseNote(message: string): SignedNote | undefined {
  const split = message.lastIndexOf('\n\n');
  if (split < 0 || !message.endsWith('\n') || hasControls(message)) return undefined;
  const lines = message.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return undefined;
  const signatures = lines.map(parseSignatureLine);
  if (!signatures.every((signature) => signature !== undefined)) return undefined;
  return { text: message.slice(0, split + 1), signatures };
}

/**
 * Whether a known key signed the note. Signatures of unknown keys are ignored; one bad signature of a known key
 * spoils the note, as C2SP signed-note asks.
 */
export function verifyNote(note: SignedNote, keys: readonly NoteKey[]): NoteVerdict {
  let verdict: NoteVerdict = 'unknown-key';
  for (const { name, id, signature } of note.signatures) {
    const key = keys.find((known) => known.name === name && Buffer.compare(known.id, id) === 0);
    if (key === undefined) continue;
    if (!verify(null, Buffer.from(note.text), key.publicKey, signature)) return 'bad-signature';
    verdict = 'signed';
  }
  return verdict;
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  const match = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
  if (match === null) return undefined;
  const [, name, base64] = match as unknown as [string, string, string];
  const bytes = Buffer.from(base64, 'base64');
  // Buffer skips what is not base64 and stray bits; only the one spelling of the bytes is taken.
  if (bytes.length < 5 || bytes.toString('base64') !== base64 || !isKeyName(name)) return undefined;
  return { name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

function ed25519PublicKey(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

const isKeyName = (name: string): boolean => name.length > 0 && !/[\s+]/u.test(name);

const hasControls = (text: string): boolean =>
  Array.from(text).some((character) => character < ' ' && character !== '\n');

const ED25519 = Uint8Array.of(1);
const MAX_SIGNATURES = 32;
