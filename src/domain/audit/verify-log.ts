import { findCheckpoints, openCheckpoint, type Checkpoint } from './checkpoint.ts';
import { type Envelope, erasedIndex, parseEnvelope, payloadDigest } from './entry.ts';
import { createEntrySequence } from './entry-sequence.ts';
import { type Finding, severityOf } from './finding.ts';
import { createCompactTree, hashLeaf, sameHash, type TreeHead } from './merkle.ts';
import type { NoteKey } from './signed-note.ts';

/** An entry as it is stored. The hash beside it is a help to name what was edited, not a proof. */
export interface StoredEntry {
  envelope: string;
  leafHash: Uint8Array | undefined;
  payload: { text: string; nonce: Uint8Array } | undefined;
  /** Index of the entry that is said to record the erasure of the payload. */
  erasedBy: number | undefined;
}

/** A signed head that is kept with the log. */
export interface StoredCheckpoint {
  source: string;
  note: string;
}

/** Text kept by others (tag message, ticket comment, file) that quotes checkpoints; undefined when it was not found. */
export interface Witness {
  source: string;
  text: string | undefined;
}

/** What the log is checked against. `tail`: a live log may be ahead of its last checkpoint, an exported one not. */
export interface VerifyOptions {
  keys: readonly NoteKey[];
  checkpoints: readonly StoredCheckpoint[];
  witnesses: readonly Witness[];
  tail: 'growing' | 'closed';
  origin?: string;
}

export interface VerificationReport {
  verdict: 'ok' | 'tampering' | 'incomplete';
  /** How many entries the log reaches to, and how many of them a signed head vouches for. */
  size: number;
  signedSize: number;
  root: Uint8Array;
  /** Erased payloads: entry index → index of the entry that records the erasure. */
  erased: ReadonlyMap<number, number>;
  agreedWith: string[];
  findings: Finding[];
}

/** Takes the entries of a log one by one, in stored order, and then says what it found. */
export interface LogVerifier {
  add: (entry: StoredEntry) => void;
  finish: (others?: readonly Finding[]) => VerificationReport;
}

/**
 * A verifier for one log. Three questions are asked: is every entry in its place and made of the bytes that were
 * hashed; is every payload the one its entry binds, or erased by an entry; is the tree the one that was signed, by the
 * log's own checkpoints and by every witness. Own checkpoints catch whoever lacks the key, witnesses whoever has it.
 */
export function createLogVerifier(options: VerifyOptions): LogVerifier {
  const findings: Finding[] = [];
  const own = openOwn(options, findings);
  const outside = openWitnesses(options, findings);
  const wanted = new Set([...own, ...outside].map(({ head }) => head.size));
  const roots = new Map<number, { content: Uint8Array; leaves: Uint8Array }>();

  const sequence = createEntrySequence();
  const content = createCompactTree();
  const leaves = createCompactTree();
  const absent = new Map<number, number | undefined>();
  const erasures = new Map<number, number>();
  const recordRoots = (): void => {
    if (!sequence.intact || !wanted.has(content.size)) return;
    roots.set(content.size, { content: content.root(), leaves: leaves.root() });
  };
  recordRoots();

  return {
    add({ envelope: text, leafHash, payload, erasedBy }) {
      const hash = hashLeaf(Buffer.from(text));
      const envelope = parseEnvelope(text);
      const edited = envelope === undefined || (leafHash !== undefined && !sameHash(hash, leafHash));
      // An edited entry may lie about its index: it is taken to stand where it is found.
      const index = edited ? sequence.next : envelope.idx;
      if (edited) findings.push({ kind: 'entry-edited', index });
      sequence.see(index);
      content.append(hash);
      leaves.append(leafHash ?? hash);
      recordRoots();
      if (envelope === undefined) return;

      const erased = erasedIndex(envelope);
      if (erased !== undefined && erased < index) erasures.set(erased, index);
      if (payload === undefined) absent.set(index, erasedBy);
      else if (!bindsPayload(envelope, payload)) findings.push({ kind: 'payload-edited', index });
    },
    finish(others = []) {
      const size = sequence.next;
      const reached = { size, roots };
      findings.push(...sequence.findings(), ...payloadFindings(absent, erasures, size));
      findings.push(...compareHeads(own, reached, findings), ...compareHeads(outside, reached, []));
      const agreed = [...own, ...outside].filter((known) => agrees(known, reached));
      const signedSize = Math.max(0, ...agreed.map(({ head }) => head.size));
      if (signedSize === 0 && size > 0) findings.push({ kind: 'nothing-signed' });
      else if (signedSize < size && options.tail === 'closed') {
        findings.push({ kind: 'tail-unsigned', from: signedSize, to: size });
      }
      findings.push(...others);
      return {
        verdict: verdictOf(findings),
        size,
        signedSize,
        root: content.root(),
        erased: new Map([...erasures].filter(([index]) => absent.has(index))),
        agreedWith: agreed.map(({ source }) => source),
        findings,
      };
    },
  };
}

interface KnownHead {
  source: string;
  head: TreeHead;
}

interface Reached {
  size: number;
  roots: ReadonlyMap<number, { content: Uint8Array; leaves: Uint8Array }>;
}

function openOwn(options: VerifyOptions, findings: Finding[]): KnownHead[] {
  const heads: KnownHead[] = [];
  for (const { source, note } of options.checkpoints) {
    const opened = openCheckpoint(note, options.keys, options.origin);
    if (opened.kind === 'checkpoint') heads.push({ source, head: opened.checkpoint });
    else findings.push({ kind: 'checkpoint-refused', source, reason: opened.reason });
  }
  return bySize(heads);
}

function openWitnesses(options: VerifyOptions, findings: Finding[]): KnownHead[] {
  const heads: KnownHead[] = [];
  for (const { source, text } of options.witnesses) {
    const opened = findCheckpoints(text ?? '').map((note) =>
      openCheckpoint(note, options.keys, options.origin),
    );
    const good = opened.flatMap((each): Checkpoint[] =>
      each.kind === 'checkpoint' ? [each.checkpoint] : [],
    );
    heads.push(...good.map((head) => ({ source, head })));
    if (good.length > 0) continue;
    const refusal = opened.find((each) => each.kind === 'refused');
    const reason = text === undefined ? 'not found' : (refusal?.reason ?? 'no checkpoint in its text');
    findings.push({ kind: 'witness-unusable', source, reason });
  }
  return bySize(heads);
}

/** The first head that differs, with the largest size below it at which both agree, and a cut tail. */
function compareHeads(heads: readonly KnownHead[], reached: Reached, named: readonly Finding[]): Finding[] {
  const findings: Finding[] = [];
  const beyond = heads.findLast(({ head }) => head.size > reached.size);
  if (beyond !== undefined) {
    const { source, head } = beyond;
    findings.push({ kind: 'tail-cut', source, claimedSize: head.size, size: reached.size });
  }
  const first = heads.find((known) => known.head.size <= reached.size && !agrees(known, reached));
  if (first !== undefined && !explained(first, reached, named)) {
    const below = heads.filter((known) => known.head.size < first.head.size && agrees(known, reached));
    const agreedSize = below.at(-1)?.head.size ?? 0;
    findings.push({ kind: 'head-differs', source: first.source, size: first.head.size, agreedSize });
  }
  return findings;
}

/** When the stored leaf hashes make the signed root, they are genuine, and the edited entries named by them are all. */
function explained({ head }: KnownHead, { roots }: Reached, named: readonly Finding[]): boolean {
  const root = roots.get(head.size);
  return (
    root !== undefined &&
    sameHash(root.leaves, head.root) &&
    named.some(({ kind }) => kind === 'entry-edited')
  );
}

function agrees({ head }: KnownHead, { roots }: Reached): boolean {
  const root = roots.get(head.size);
  return root !== undefined && sameHash(root.content, head.root);
}

function bindsPayload(envelope: Envelope, payload: { text: string; nonce: Uint8Array }): boolean {
  return payloadDigest(payload.nonce, payload.text) === envelope.payloadDigest;
}

function payloadFindings(
  absent: ReadonlyMap<number, number | undefined>,
  erasures: ReadonlyMap<number, number>,
  size: number,
): Finding[] {
  const unrecorded = [...absent].filter(([index]) => !erasures.has(index));
  const kept = [...erasures].filter(([index]) => !absent.has(index));
  return [
    // The entry that would show it lies beyond the end of what is verified: an export made just before.
    ...unrecorded.map(
      ([index, by = 0]): Finding =>
        by >= size ? { kind: 'erasure-unseen', index, erasedBy: by } : { kind: 'payload-missing', index },
    ),
    ...kept.map(([index, erasedBy]): Finding => ({ kind: 'payload-not-erased', index, erasedBy })),
  ];
}

function verdictOf(findings: readonly Finding[]): VerificationReport['verdict'] {
  const severities = new Set(findings.map(severityOf));
  if (severities.has('tampering')) return 'tampering';
  return severities.has('incomplete') ? 'incomplete' : 'ok';
}

const bySize = (heads: readonly KnownHead[]): KnownHead[] =>
  heads.toSorted((a, b) => a.head.size - b.head.size);
