import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { verifyInclusion } from './proof.ts';
import type { NoteKey } from './signed-note.ts';

/** What a C2SP `tlog-proof@v1` file carries: where the entry is, why, and under which signed head. */
export interface TlogProof {
  index: number;
  proof: readonly Uint8Array[];
  /** The signed note, verbatim. */
  checkpoint: string;
}

/** The text of a `.tlog-proof` file. */
export function formatTlogProof({ index, proof, checkpoint }: TlogProof): string {
  const hashes = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`);
  return `${FIRST_LINE}\nindex ${index}\n${hashes.join('')}\n${checkpoint}`;
}

/** The proof in a text, or undefined when it is none. Extra data is skipped: nothing authenticates it. */
function parseTlogProof(text: string): TlogProof | undefined {
  const match =
    /^c2sp\.org\/tlog-proof@v1\n(?:extra [^\n]*\n)?index (0|[1-9]\d*)\n((?:[^\n]+\n)*)\n([^]*)$/.exec(text);
  if (match === null) return undefined;
  const [, index, lines, checkpoint] = match as unknown as [string, string, string, string];
  const proof = lines
    .split('\n')
    .slice(0, -1)
    .map((line) => Buffer.from(line, 'base64'));
  return { index: Number(index), proof, checkpoint };
}

/** The checkpoint under which `leafHash` is proven to be in the log; undefined when the proof does not show that. */
export function checkTlogProof(
  text: string,
  leafHash: Uint8Array,
  keys: readonly NoteKey[],
): Checkpoint | undefined {
  const proof = parseTlogProof(text);
  const opened = proof && openCheckpoint(proof.checkpoint, keys);
  if (proof === undefined || opened?.kind !== 'checkpoint') return undefined;
  return verifyInclusion(proof.index, leafHash, opened.checkpoint, proof.proof)
    ? opened.checkpoint
    : undefined;
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
