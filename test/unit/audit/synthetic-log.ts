import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { LogSnapshot } from '#store/audit-snapshot.ts';
import { type Actor, formatActor } from '#domain/audit/actor.ts';
import { formatCheckpointText } from '#domain/audit/checkpoint.ts';
import { canonicalJson, type JsonValue, payloadDigest } from '#domain/audit/entry.ts';
import { createCompactTree, hashLeaf } from '#domain/audit/merkle.ts';
import { formatNote, formatVerifierKey, noteKeyId } from '#domain/audit/signed-note.ts';
import type { LoggedEntry } from '#store/audit.ts';

/*
 * A log made by hand, the same every time: for tests of what verification finds, without a database. What the
 * database really writes is tested against the same verifier in test/integration/audit.
 */

export const origin = 'countersign.example/log';

/** An entry of the log before it is written down. */
export interface Draft {
  type: string;
  subject: Record<string, string>;
  payload: JsonValue;
  /** RFC 3339; a second after the one before by default. */
  ts?: string;
  actor?: Actor;
}

/** Drafts of a log of `count` entries, in which every 50th entry erases the payload of the one ten before it. */
export function drafts(count: number): Draft[] {
  return Array.from({ length: count }, (_, index) =>
    index % 50 === 49
      ? { type: 'payload-erased', subject: { entry: String(index - 10) }, payload: { reason: 'retention' } }
      : {
          type: 'plan-finished',
          subject: { changeId: `c-${index % 7}` },
          payload: { index, text: `é \u2028 ${index}` },
        },
  );
}

/** The stored rows of a log. */
export function rows(of: readonly Draft[]): LoggedEntry[] {
  const erasedBy = new Map(
    of.flatMap((draft, index) =>
      draft.type === 'payload-erased' ? [[Number(draft.subject['entry']), index]] : [],
    ),
  );
  return of.map((draft, index) => row(draft, index, erasedBy.get(index)));
}

function row(
  { type, subject, payload, ts, actor }: Draft,
  index: number,
  erasedBy: number | undefined,
): LoggedEntry {
  const text = canonicalJson(payload);
  const nonce = createHash('sha256').update(`nonce ${index}`).digest();
  const envelope = canonicalJson({
    v: 1,
    idx: index,
    ts: ts ?? new Date(Date.UTC(2026, 10, 21) + index * 1000).toISOString(),
    type,
    actor: formatActor(actor ?? { kind: 'service', component: 'worker' }),
    subject,
    payload_digest: payloadDigest(nonce, text),
    req_id: null,
  });
  const leafHash = hashLeaf(Buffer.from(envelope));
  return {
    index,
    envelope,
    leafHash,
    payload: erasedBy === undefined ? { text, nonce } : undefined,
    erasedBy,
  };
}

const seed = createHash('sha256').update('a key for tests').digest();
const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
const publicKey = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url');

/** The verifier key of every checkpoint made here. */
export const verifierKey = formatVerifierKey(origin, publicKey);

/** A checkpoint over the first `size` rows, signed with the test key. */
export function checkpointOf(entries: readonly LoggedEntry[], size: number): string {
  const tree = createCompactTree();
  for (const { envelope } of entries.slice(0, size)) tree.append(hashLeaf(Buffer.from(envelope)));
  const text = formatCheckpointText(origin, { size, root: tree.root() });
  const signature = sign(null, Buffer.from(text), privateKey);
  return formatNote(text, [{ name: origin, id: noteKeyId(origin, publicKey), signature }]);
}

/** The log as a snapshot, with checkpoints at these sizes. */
export function snapshotOf(entries: readonly LoggedEntry[], sizes: readonly number[]): LogSnapshot {
  const checkpoints = sizes.map((size) => {
    const note = checkpointOf(entries, size);
    return { size, note, root: Buffer.from(note.split('\n')[2] ?? '', 'base64'), at: new Date(0) };
  });
  return {
    size: entries.length,
    checkpoints,
    async *entries() {
      yield* entries;
    },
  };
}
