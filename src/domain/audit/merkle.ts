import { createHash } from 'node:crypto';

/** Head of a Merkle tree: how many leaves, and the RFC 6962 root over them. */
export interface TreeHead {
  size: number;
  root: Uint8Array;
}

/** A complete subtree: the 2^level leaves from index * 2^level on. Level 0 is a leaf. */
export interface NodeId {
  level: number;
  index: number;
}

/** SHA-256(0x00 || bytes): the hash of a leaf (RFC 6962, section 2.1). */
export function hashLeaf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(LEAF_PREFIX).update(bytes).digest();
}

/** SHA-256(0x01 || left || right): the hash of an inner node (RFC 6962, section 2.1). */
export function hashChildren(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256').update(NODE_PREFIX).update(left).update(right).digest();
}

/** Root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return createHash('sha256').digest();
}

/** True when both are the same 32 bytes. Roots are public: no constant time is needed. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === HASH_BYTES && Buffer.compare(a, b) === 0;
}

/**
 * The complete subtrees that cover the leaves [from, to), from left to right: at most two per level.
 * `from` must be a place where the tree of size `to` splits (0, or as the proofs of RFC 6962 cut it).
 */
export function completeSubtrees(from: number, to: number): NodeId[] {
  const nodes: NodeId[] = [];
  let start = from;
  while (start < to) {
    let level = 0;
    let width = 1;
    while (start % (width * 2) === 0 && start + width * 2 <= to) {
      level += 1;
      width *= 2;
    }
    nodes.push({ level, index: start / width });
    start += width;
  }
  return nodes;
}

/** Hash of a range from the hashes of its complete subtrees, left to right; the empty root for none. */
export function foldSubtrees(hashes: readonly Uint8Array[]): Uint8Array {
  const last = hashes.at(-1);
  if (last === undefined) return emptyRoot();
  return hashes.slice(0, -1).reduceRight((right, left) => hashChildren(left, right), last);
}

/** A tree that only grows and keeps one hash per level: enough to know its root at any moment. */
export interface CompactTree {
  readonly size: number;
  append: (leafHash: Uint8Array) => void;
  root: () => Uint8Array;
}

/**
 * An empty tree, or one resumed at `size` from the hashes of `completeSubtrees(0, size)`.
 * The caller vouches for those hashes, e.g. by folding them to a root that was signed.
 */
export function createCompactTree(size = 0, frontier: readonly Uint8Array[] = []): CompactTree {
  let count = size;
  const peaks = [...frontier];
  return {
    get size() {
      return count;
    },
    append(leafHash) {
      let hash = leafHash;
      // Every trailing 1 of the old size is a complete left sibling waiting for this one.
      for (let rest = count; rest % 2 === 1; rest = (rest - 1) / 2) {
        const left = peaks.pop();
        if (left === undefined) throw new RangeError('the frontier does not fit the tree size');
        hash = hashChildren(left, hash);
      }
      peaks.push(hash);
      count += 1;
    },
    root: () => foldSubtrees(peaks),
  };
}

export const HASH_BYTES = 32;
const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);
