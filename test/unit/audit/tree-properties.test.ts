import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  completeSubtrees,
  createCompactTree,
  emptyRoot,
  hashChildren,
  hashLeaf,
  type NodeId,
} from '#domain/audit/merkle.ts';
import {
  consistencyRanges,
  inclusionRanges,
  nodesOf,
  proofFrom,
  verifyConsistency,
  verifyInclusion,
} from '#domain/audit/proof.ts';

const leafHashes = Array.from({ length: 300 }, (_, index) => hashLeaf(Buffer.from(`leaf ${index}`)));
const sizes = fc.integer({ min: 0, max: leafHashes.length });
const pair = fc.tuple(sizes, sizes).map(([a, b]) => ({ older: Math.min(a, b), newer: Math.max(a, b) }));

test('the compact tree has the root of the naive one at every size, also when resumed', () => {
  fc.assert(
    fc.property(pair, ({ older, newer }) => {
      const resumed = createCompactTree(older, completeSubtrees(0, older).map(naiveNode));
      for (const leafHash of leafHashes.slice(older, newer)) resumed.append(leafHash);
      expect(resumed.root()).toEqual(naiveRoot(leafHashes.slice(0, newer)));
    }),
    { numRuns: 60, seed: 6962 },
  );
});

test('every leaf of every tree has an inclusion proof, and no other leaf passes with it', () => {
  fc.assert(
    fc.property(
      sizes.filter((size) => size > 0),
      fc.nat(),
      fc.nat(),
      (size, a, b) => {
        const [index, other] = [a % size, b % size];
        const root = naiveRoot(leafHashes.slice(0, size));
        const ranges = inclusionRanges(index, size);
        const proof = proofFrom(ranges, nodesOf(ranges).map(naiveNode));
        const leaf = leafHashes[other] ?? Buffer.of();
        expect(verifyInclusion(index, leaf, { size, root }, proof)).toBe(other === index);
      },
    ),
    { numRuns: 200, seed: 6962 },
  );
});

test('a tree is consistent with every tree that it grew into, and with no forged one', () => {
  fc.assert(
    fc.property(pair, fc.nat(), ({ older, newer }, at) => {
      const ranges = consistencyRanges(older, newer);
      const proof = proofFrom(ranges, nodesOf(ranges).map(naiveNode));
      const to = { size: newer, root: naiveRoot(leafHashes.slice(0, newer)) };
      const from = { size: older, root: naiveRoot(leafHashes.slice(0, older)) };
      expect(verifyConsistency(from, to, proof)).toBe(true);
      if (older === 0) return;
      const forged = leafHashes.slice(0, older).with(at % older, hashLeaf(Buffer.from('forged')));
      expect(verifyConsistency({ size: older, root: naiveRoot(forged) }, to, proof)).toBe(false);
    }),
    { numRuns: 200, seed: 6962 },
  );
});

test('a proof in a tree of a million leaves needs at most twenty hashes and forty stored nodes', () => {
  const ranges = inclusionRanges(654_321, 1_000_000);
  expect(ranges.length).toBeLessThanOrEqual(20);
  expect(nodesOf(ranges).length).toBeLessThanOrEqual(40);
});

/** RFC 6962, section 2.1, word for word. */
function naiveRoot(hashes: readonly Uint8Array[]): Uint8Array {
  const [only] = hashes;
  if (only === undefined) return emptyRoot();
  if (hashes.length === 1) return only;
  const split = 2 ** Math.ceil(Math.log2(hashes.length) - 1);
  return hashChildren(naiveRoot(hashes.slice(0, split)), naiveRoot(hashes.slice(split)));
}

function naiveNode({ level, index }: NodeId): Uint8Array {
  return naiveRoot(leafHashes.slice(index * 2 ** level, (index + 1) * 2 ** level));
}
