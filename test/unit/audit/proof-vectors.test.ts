import { describe, expect, test } from 'vitest';
import {
  createCompactTree,
  emptyRoot,
  hashChildren,
  hashLeaf,
  type NodeId,
  type TreeHead,
} from '#domain/audit/merkle.ts';
import {
  consistencyRanges,
  inclusionRanges,
  nodesOf,
  proofFrom,
  verifyConsistency,
  verifyInclusion,
} from '#domain/audit/proof.ts';
import vectors from './vectors/rfc6962.json' with { type: 'json' };

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');
const leafHashes = vectors.leaves.map((leaf) => hashLeaf(bytes(leaf)));
const head = (size: number): TreeHead => ({ size, root: bytes(vectors.roots[size] ?? '') });
const someHash = bytes('abacaba000000000000000000000000000000000000000000060061e00123456');

test('the roots of the published eight leaves are the published roots', () => {
  const tree = createCompactTree();
  const roots = [hex(tree.root())];
  for (const leafHash of leafHashes) {
    tree.append(leafHash);
    roots.push(hex(tree.root()));
  }
  expect(roots).toEqual(vectors.roots);
});

describe.each(vectors.inclusion)(
  'published inclusion proof of leaf $index in $size',
  ({ index, size, proof }) => {
    const leafHash = leafHashes[index] ?? Buffer.of();

    test('is the one we make, and it verifies', () => {
      const ranges = inclusionRanges(index, size);
      expect(proofFrom(ranges, nodesOf(ranges).map(nodeHash)).map(hex)).toEqual(proof);
      expect(verifyInclusion(index, leafHash, head(size), proof.map(bytes))).toBe(true);
    });

    test('fails once anything about it is corrupted', () => {
      const good = proof.map(bytes);
      const { root } = head(size);
      const probes: [string, number, TreeHead, Uint8Array, Uint8Array[]][] = [
        ['index - 1', index - 1, head(size), leafHash, good],
        ['index + 1', index + 1, head(size), leafHash, good],
        ['index ^ 2', index ^ 2, head(size), leafHash, good],
        ['size * 2', index, { size: size * 2, root }, leafHash, good],
        ['size / 2', index, { size: Math.floor(size / 2), root }, leafHash, good],
        ['short leaf hash', index, head(size), Buffer.from('WrongLeaf'), good],
        ['root of nothing', index, { size, root: emptyRoot() }, leafHash, good],
        ['random root', index, { size, root: someHash }, leafHash, good],
        ['trailing garbage', index, head(size), leafHash, [...good, Buffer.of()]],
        ['trailing root', index, head(size), leafHash, [...good, root]],
        ['preceding garbage', index, head(size), leafHash, [Buffer.of(), ...good]],
        ['preceding root', index, head(size), leafHash, [root, ...good]],
        ...good.map((_, at): [string, number, TreeHead, Uint8Array, Uint8Array[]] => [
          `proof[${at}] with a bit flipped`,
          index,
          head(size),
          leafHash,
          flipBit(good, at, 8),
        ]),
        ...(good.length > 0
          ? [
              ['last hash dropped', index, head(size), leafHash, good.slice(0, -1)] as [
                string,
                number,
                TreeHead,
                Uint8Array,
                Uint8Array[],
              ],
            ]
          : []),
      ];
      const accepted = probes.filter(([, at, claimed, leaf, hashes]) =>
        verifyInclusion(at, leaf, claimed, hashes),
      );
      expect(accepted.map(([name]) => name)).toEqual([]);
    });
  },
);

describe.each(vectors.consistency)('published consistency proof of $from with $to', ({ from, to, proof }) => {
  test('is the one we make, and it verifies', () => {
    const ranges = consistencyRanges(from, to);
    expect(proofFrom(ranges, nodesOf(ranges).map(nodeHash)).map(hex)).toEqual(proof);
    expect(verifyConsistency(head(from), head(to), proof.map(bytes))).toBe(true);
  });

  test('fails once anything about it is corrupted', () => {
    const good = proof.map(bytes);
    const [older, newer] = [head(from), head(to)];
    const wrong = Buffer.from('WrongRoot');
    const probes: [string, TreeHead, TreeHead, Uint8Array[]][] = [
      // A tree without leaves is consistent with every tree, but only without a proof.
      ['size1 - 1', { ...older, size: from - 1 }, newer, good],
      ['size1 + 1', { ...older, size: from + 1 }, newer, good],
      ['size1 ^ 2', { ...older, size: from ^ 2 }, newer, good],
      ['size2 * 2', older, { ...newer, size: to * 2 }, good],
      ['size2 / 2', older, { ...newer, size: Math.floor(to / 2) }, good],
      ['wrong root1', { ...older, root: wrong }, newer, good],
      ['wrong root2', older, { ...newer, root: wrong }, good],
      ['swapped roots', { ...older, root: newer.root }, { ...newer, root: older.root }, good],
      ['empty proof', older, newer, []],
      ['trailing garbage', older, newer, [...good, Buffer.of()]],
      ['trailing root1', older, newer, [...good, older.root]],
      ['trailing root2', older, newer, [...good, newer.root]],
      ['preceding garbage', older, newer, [Buffer.of(), ...good]],
      ['preceding root1', older, newer, [older.root, ...good]],
      ['preceding root2', older, newer, [newer.root, ...good]],
      ['first hash doubled', older, newer, [...good.slice(0, 1), ...good]],
      ['truncated', older, newer, good.slice(0, -1)],
      ...good.map((_, at): [string, TreeHead, TreeHead, Uint8Array[]] => [
        `proof[${at}] with a bit flipped`,
        older,
        newer,
        flipBit(good, at, 16),
      ]),
    ];
    const accepted = probes.filter(([, a, b, hashes]) => verifyConsistency(a, b, hashes));
    expect(accepted.map(([name]) => name)).toEqual([]);
  });
});

test('equal trees and the empty tree need an empty proof and nothing else', () => {
  const empty: TreeHead = { size: 0, root: emptyRoot() };
  expect(verifyConsistency(empty, head(5), [])).toBe(true);
  expect(verifyConsistency(head(3), head(3), [])).toBe(true);
  expect(verifyConsistency(head(3), { size: 3, root: someHash }, [])).toBe(false);
  expect(verifyConsistency(empty, head(5), [someHash])).toBe(false);
  expect(verifyConsistency(head(5), head(3), [])).toBe(false);
});

function nodeHash({ level, index }: NodeId): Uint8Array {
  if (level === 0) return leafHashes[index] ?? Buffer.of();
  const left = nodeHash({ level: level - 1, index: index * 2 });
  return hashChildren(left, nodeHash({ level: level - 1, index: index * 2 + 1 }));
}

function flipBit(proof: readonly Uint8Array[], at: number, mask: number): Uint8Array[] {
  return proof.map((hash, i) =>
    i === at ? Buffer.concat([Buffer.of((hash[0] ?? 0) ^ mask), hash.subarray(1)]) : hash,
  );
}
