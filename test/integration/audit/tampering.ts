import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatManifest } from '#app/audit/manifest.ts';
import { hashLeaf } from '#domain/audit/merkle.ts';

/** A small seeded generator (mulberry32), so that every run tampers in the same 400 ways. */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** What was done, and the entry or the stretch of entries that a finding has to name. */
export interface Tampering {
  what: string;
  entries: [from: number, to: number] | undefined;
}

/** Copies a bundle and damages one of its files blindly, as a disk or a hasty hand would. */
export function damage(bundle: string, copy: string, random: (below: number) => number): Tampering {
  cpSync(bundle, copy, { recursive: true });
  const files = filesOf(copy);
  const name = files[random(files.length)] ?? '';
  const file = path.join(copy, name);
  const bytes = readFileSync(file);
  const at = random(bytes.length);
  const ways: [string, () => void][] = [
    ['bit flipped', () => writeFileSync(file, bytes.with(at, (bytes[at] ?? 0) ^ (1 << random(8))))],
    [
      'byte dropped',
      () => writeFileSync(file, Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])),
    ],
    [
      'byte added',
      () =>
        writeFileSync(
          file,
          Buffer.concat([bytes.subarray(0, at), Buffer.of(random(256)), bytes.subarray(at)]),
        ),
    ],
    ['cut short', () => writeFileSync(file, bytes.subarray(0, at))],
    ['removed', () => rmSync(file)],
  ];
  const [what, act] = ways[random(ways.length)] ?? ['nothing', () => undefined];
  act();
  return { what: `${name} ${what} at ${at}`, entries: undefined };
}

/** Copies a bundle, changes what it says, and writes the manifest anew: somebody who knows the format. */
export function forge(bundle: string, copy: string, random: (below: number) => number): Tampering {
  cpSync(bundle, copy, { recursive: true });
  const log = {
    envelopes: linesOf(copy, 'envelopes.jsonl'),
    leafHashes: linesOf(copy, 'leaf-hashes.txt'),
    payloads: linesOf(copy, 'payloads.jsonl'),
  };
  const size = log.envelopes.length;
  const k = random(size - 1);
  const other = (k + 1 + random(size - 1)) % size;
  const [low, high] = [Math.min(k, other), Math.max(k, other)];
  const line = log.envelopes[k] ?? '';
  const edited = line.replace('2026-11-21', '2026-11-20');
  const ways: [string, [number, number], () => void][] = [
    ['entry edited', [k, k + 1], () => log.envelopes.splice(k, 1, edited)],
    [
      'entry edited with its leaf hash',
      [k, k + 1],
      () => {
        log.envelopes.splice(k, 1, edited);
        log.leafHashes.splice(k, 1, Buffer.from(hashLeaf(Buffer.from(edited))).toString('hex'));
      },
    ],
    ['entry made unreadable', [k, k + 1], () => log.envelopes.splice(k, 1, line.slice(1))],
    ['entry deleted', [k, k + 1], () => log.envelopes.splice(k, 1)],
    [
      'entry deleted with all that belongs to it',
      [k, k + 1],
      () => {
        log.envelopes.splice(k, 1);
        log.payloads.splice(k, 1);
      },
    ],
    [
      'entries swapped',
      [low, high + 1],
      () => {
        [log.envelopes[low], log.envelopes[high]] = [log.envelopes[high] ?? '', log.envelopes[low] ?? ''];
      },
    ],
    ['entry doubled', [k, k + 1], () => log.envelopes.splice(k, 0, line)],
    [
      'payload edited',
      [k, k + 1],
      () => log.payloads.splice(k, 1, `{"idx":${k},"nonce":"${'00'.repeat(32)}","payload":"{}"}`),
    ],
    ['payload dropped without an erasure', [size - 2, size - 1], () => log.payloads.splice(size - 2, 1)],
    ['leaf hash edited', [k, k + 1], () => log.leafHashes.splice(k, 1, 'ab'.repeat(32))],
    [
      'tail cut off',
      [k + 1, size],
      () => {
        for (const lines of Object.values(log)) lines.splice(k + 1);
      },
    ],
    [
      'entry added at the end',
      [size, size + 1],
      () => log.envelopes.push(line.replace(`"idx":${k},`, `"idx":${size},`)),
    ],
  ];
  const [what, entries, act] = ways[random(ways.length)] ?? ['nothing', [0, 0], () => undefined];
  act();
  write(copy, 'envelopes.jsonl', log.envelopes);
  write(copy, 'leaf-hashes.txt', log.leafHashes);
  write(copy, 'payloads.jsonl', log.payloads);
  rewriteManifest(copy, log.envelopes.length);
  return { what: `${what} (${k}, ${other})`, entries };
}

/** Makes the manifest fit the files that are there. */
function rewriteManifest(bundle: string, entries: number): void {
  const listed = filesOf(bundle)
    .filter((name) => name !== 'manifest.json')
    .map((name) => {
      const bytes = readFileSync(path.join(bundle, name));
      return [
        name,
        { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length },
      ] as const;
    });
  writeFileSync(path.join(bundle, 'manifest.json'), formatManifest(entries, Object.fromEntries(listed)));
}

function filesOf(bundle: string): string[] {
  const names = readdirSync(bundle, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => statSync(path.join(bundle, name)).isFile()).toSorted();
}

const linesOf = (bundle: string, name: string): string[] =>
  readFileSync(path.join(bundle, name), 'utf8').split('\n').slice(0, -1);

const write = (bundle: string, name: string, lines: readonly string[]): void =>
  writeFileSync(path.join(bundle, name), lines.map((each) => `${each}\n`).join(''));
