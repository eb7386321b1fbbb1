import type { CheckpointSigner } from '#app/ports/checkpoint-signer.ts';
import { type Checkpoint, readCheckpoint } from '#domain/audit/checkpoint.ts';
import {
  type CompactTree,
  completeSubtrees,
  createCompactTree,
  hashLeaf,
  sameHash,
  type TreeHead,
} from '#domain/audit/merkle.ts';
import { consistencyRanges, nodesOf, proofFrom } from '#domain/audit/proof.ts';
import { Fault } from '#domain/fault.ts';
import { readEntries } from '#store/audit.ts';
import {
  fileCheckpoint,
  growTree,
  readLatestCheckpoint,
  readNodes,
  underCheckpointLock,
} from '#store/audit-tree.ts';
import type { OpenDatabase } from '#store/database.ts';

export interface CheckpointDependencies {
  readonly db: OpenDatabase['db'];
  readonly signer: CheckpointSigner;
}

/**
 * Signs and files the present head of the log; returns the one already filed when nothing was added since, and
 * undefined for an empty log. Reads what is new and O(log n) hashes of what is old: the root is made from the entries'
 * own bytes, on top of subtrees that fold to the root signed before. A wrong stored hash is refused, not signed.
 * Throws Fault `audit-log-inconsistent` when the log no longer contains what was signed.
 */
export function makeCheckpoint(dependencies: CheckpointDependencies): Promise<Checkpoint | undefined> {
  return underCheckpointLock(dependencies.db, (db) => makeUnderLock({ ...dependencies, db }));
}

async function makeUnderLock({ db, signer }: CheckpointDependencies): Promise<Checkpoint | undefined> {
  const size = await growTree(db);
  const filed = await readLatestCheckpoint(db);
  const last: TreeHead = (await signer.lastSigned()) ?? filed ?? { size: 0, root: EMPTY };
  if (size < last.size) throw inconsistent(`it has ${size} entries, but a head of ${last.size} was signed`);
  if (size === 0) return undefined;

  const tree = await resumeTree(db, last);
  if (filed?.size === size && size === last.size) return readCheckpoint(filed.note);
  await appendNew(db, tree, size);
  const head = { size, root: tree.root() };
  const note = await signer.sign(head, await consistencyProof(db, last.size, size));
  const checkpoint = { origin: signer.origin, ...head, note };
  await fileCheckpoint(db, checkpoint);
  return checkpoint;
}

async function resumeTree(db: OpenDatabase['db'], last: TreeHead): Promise<CompactTree> {
  const tree = createCompactTree(last.size, await readNodes(db, completeSubtrees(0, last.size)));
  if (last.size === 0 || sameHash(tree.root(), last.root)) return tree;
  throw inconsistent(`its first ${last.size} entries are not those that were signed`);
}

async function appendNew(db: OpenDatabase['db'], tree: CompactTree, size: number): Promise<void> {
  while (tree.size < size) {
    const entries = await readEntries(db, { from: tree.size, to: Math.min(size, tree.size + BATCH) });
    for (const { index, envelope } of entries) {
      if (index !== tree.size) throw inconsistent(`entry ${tree.size} is missing`);
      tree.append(hashLeaf(Buffer.from(envelope)));
    }
    if (entries.length === 0) throw inconsistent(`entry ${tree.size} is missing`);
  }
}

async function consistencyProof(db: OpenDatabase['db'], from: number, to: number): Promise<Uint8Array[]> {
  const ranges = consistencyRanges(from, to);
  return proofFrom(ranges, await readNodes(db, nodesOf(ranges)));
}

const inconsistent = (what: string): Fault =>
  new Fault('audit-log-inconsistent', `the audit log is not the one that was signed: ${what}`, {
    retryable: false,
  });

const EMPTY = new Uint8Array();
const BATCH = 2_000;
