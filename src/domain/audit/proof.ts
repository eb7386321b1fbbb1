import {
  completeSubtrees,
  foldSubtrees,
  HASH_BYTES,
  hashChildren,
  type NodeId,
  sameHash,
  type TreeHead,
} from './merkle.ts';

/** The leaves [from, to), whose hash is one element of a proof. */
export interface LeafRange {
  from: number;
  to: number;
}

/** The ranges whose hashes prove leaf `index` in the tree of `size` leaves, leaf side first (PATH of RFC 6962, 2.1.1). */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  if (index < 0 || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const ranges: LeafRange[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + largestPowerBelow(to - from);
    if (index < middle) {
      ranges.push({ from: middle, to });
      to = middle;
    } else {
      ranges.push({ from, to: middle });
      from = middle;
    }
  }
  return ranges.toReversed();
}

/** The ranges whose hashes prove that the tree of `newSize` grew out of that of `oldSize` (PROOF of RFC 6962, 2.1.2). */
export function consistencyRanges(oldSize: number, newSize: number): LeafRange[] {
  if (oldSize < 0 || oldSize > newSize) throw new RangeError(`${newSize} leaves never held ${oldSize}`);
  if (oldSize === 0 || oldSize === newSize) return [];
  const ranges: LeafRange[] = [];
  let [from, to] = [0, newSize];
  while (to !== oldSize) {
    const middle = from + largestPowerBelow(to - from);
    if (oldSize <= middle) {
      ranges.push({ from: middle, to });
      to = middle;
    } else {
      ranges.push({ from, to: middle });
      from = middle;
    }
  }
  // When the old tree is itself a complete subtree its root is what the verifier already holds.
  if (from > 0) ranges.push({ from, to });
  return ranges.toReversed();
}

/** Every stored hash that the ranges need: ask for them in one query, then call `proofFrom`. */
export function nodesOf(ranges: readonly LeafRange[]): NodeId[] {
  return ranges.flatMap((range) => completeSubtrees(range.from, range.to));
}

/** The proof itself, from the hashes of `nodesOf(ranges)` in the same order. */
export function proofFrom(ranges: readonly LeafRange[], hashes: readonly Uint8Array[]): Uint8Array[] {
  let used = 0;
  return ranges.map((range) => {
    const count = completeSubtrees(range.from, range.to).length;
    used += count;
    return foldSubtrees(hashes.slice(used - count, used));
  });
}

/** True when `leafHash` is leaf `index` of the tree with that head (RFC 9162, section 2.1.3.2). */
export function verifyInclusion(
  index: number,
  leafHash: Uint8Array,
  head: TreeHead,
  proof: readonly Uint8Array[],
): boolean {
  if (!isLeafOf(index, head.size) || !allHashes([leafHash, head.root, ...proof])) return false;
  let hash = leafHash;
  let [node, last] = [index, head.size - 1];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = hashChildren(sibling, hash);
      while (node % 2 === 0 && node > 0) [node, last] = [half(node), half(last)];
    } else {
      hash = hashChildren(hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && sameHash(hash, head.root);
}

/** True when the newer tree begins with all leaves of the older one, unchanged (RFC 9162, section 2.1.4.2). */
export function verifyConsistency(older: TreeHead, newer: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (!isSize(older.size) || !isSize(newer.size) || older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && Buffer.compare(older.root, newer.root) === 0;
  if (older.size === 0) return proof.length === 0;
  if (proof.length === 0 || !allHashes([older.root, newer.root, ...proof])) return false;

  let [node, last] = [older.size - 1, newer.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  // A node of 0 here means that the old tree is a complete subtree: its root starts the walk.
  const path = node === 0 ? [older.root, ...proof] : proof;
  let [oldHash, newHash] = [path[0] ?? older.root, path[0] ?? older.root];
  for (const sibling of path.slice(1)) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldHash = hashChildren(sibling, oldHash);
      newHash = hashChildren(sibling, newHash);
      while (node % 2 === 0 && node > 0) [node, last] = [half(node), half(last)];
    } else {
      newHash = hashChildren(newHash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && sameHash(oldHash, older.root) && sameHash(newHash, newer.root);
}

/** The largest power of two below `n`, for n > 1: where RFC 6962 splits a tree of n leaves. */
function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

const half = (n: number): number => Math.floor(n / 2);
const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
const isLeafOf = (index: number, size: number): boolean => isSize(index) && isSize(size) && index < size;
const allHashes = (hashes: readonly Uint8Array[]): boolean =>
  hashes.every((hash) => hash.length === HASH_BYTES);
