import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeBundle } from '#app/audit/export-log.ts';
import { verifyBundle } from '#app/audit/verify-bundle.ts';
import { describeFinding, type Finding } from '#domain/audit/finding.ts';
import { parseVerifierKey } from '#domain/audit/signed-note.ts';
import type { VerificationReport, Witness } from '#domain/audit/verify-log.ts';
import { checkpointOf, drafts, rows, snapshotOf, verifierKey } from '#test/unit/audit/synthetic-log.ts';
import { damage, forge, seeded } from './tampering.ts';

const SIZE = 200;
const SIZES = [40, 90, 150, SIZE];
const trusted = [parseVerifierKey(verifierKey)].filter((key) => key !== undefined);
let folder: string;
let good: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'audit-bundle-'));
  good = path.join(folder, 'good');
  await writeBundle(snapshotOf(rows(drafts(SIZE)), SIZES), [verifierKey], good);
});

afterAll(() => rmSync(folder, { recursive: true }));

test('an export verifies, and says which payloads were erased by which entry', async () => {
  const report = await verify(good);
  expect(report).toMatchObject({ verdict: 'ok', size: SIZE, signedSize: SIZE, findings: [] });
  expect([...report.erased]).toEqual([
    [39, 49],
    [89, 99],
    [139, 149],
    [189, 199],
  ]);
  expect(report.agreedWith).toHaveLength(SIZES.length);
});

test('two exports of the same log are the same bytes', async () => {
  const again = path.join(folder, 'again');
  await writeBundle(snapshotOf(rows(drafts(SIZE)), SIZES), [verifierKey], again);
  const { root } = await verify(again);
  expect(root).toEqual((await verify(good)).root);
  expect(await verify(again)).toEqual(await verify(good));
});

test('of 200 blind damages to an export, every one is found', async () => {
  const random = seeded(1);
  await inTurns(200, async (copy) => {
    const { what } = damage(good, copy, random);
    expect((await verify(copy)).verdict, what).not.toBe('ok');
  });
});

test('of 200 forgeries with a manifest to match, every one is found and named', async () => {
  const random = seeded(2);
  await inTurns(200, async (copy) => {
    const { what, entries } = forge(good, copy, random);
    const { verdict, findings } = await verify(copy);
    expect(verdict, what).toBe('tampering');
    const named = findings.some((finding) => names(finding, entries ?? [0, 0]));
    expect(named, `${what}: ${findings.map(describeFinding).join('; ')}`).toBe(true);
  });
});

/** Ten at a time, each in a folder of its own. What is random is drawn before the first wait, so in order. */
async function inTurns(times: number, work: (copy: string) => Promise<void>): Promise<void> {
  for (let n = 0; n < times; n += 10) {
    const copies = Array.from({ length: 10 }, (_, at) => path.join(folder, `copy-${n + at}`));
    await Promise.all(copies.map(work));
    for (const copy of copies) rmSync(copy, { recursive: true });
  }
}

describe('what the log itself cannot show, witnesses can', () => {
  const original = rows(drafts(SIZE));
  const witness = (source: string, size: number): Witness => ({
    source,
    text: `Applied.\n\n    ${checkpointOf(original, size).replaceAll('\n', '\n    ')}\nThank you.`,
  });

  test('a log rewritten from an entry on and signed anew passes alone, and fails at the first witness after it', async () => {
    const rewritten = path.join(folder, 'rewritten');
    const forged = drafts(SIZE).with(100, {
      type: 'plan-finished',
      subject: { changeId: 'c-forged' },
      payload: {},
    });
    await writeBundle(snapshotOf(rows(forged), SIZES), [verifierKey], rewritten);
    expect(await verify(rewritten)).toMatchObject({ verdict: 'ok', findings: [] });

    const witnesses = [
      witness('tag:release/OPS-1', 50),
      witness('ticket:OPS-2', 120),
      witness('ticket:OPS-3', 170),
    ];
    const { verdict, findings } = await verify(rewritten, witnesses);
    expect(verdict).toBe('tampering');
    expect(findings).toEqual([{ kind: 'head-differs', source: 'ticket:OPS-2', size: 120, agreedSize: 50 }]);
  });

  test('a tail cut off together with its checkpoints passes alone, and a witness misses it', async () => {
    const cut = path.join(folder, 'cut');
    await writeBundle(snapshotOf(original.slice(0, 150), [40, 90, 150]), [verifierKey], cut);
    expect(await verify(cut)).toMatchObject({ verdict: 'ok', size: 150 });
    const { findings } = await verify(cut, [witness('ticket:OPS-9', 180)]);
    expect(findings).toContainEqual({
      kind: 'tail-cut',
      source: 'ticket:OPS-9',
      claimedSize: 180,
      size: 150,
    });
  });

  test('a witness that agrees is named, one without a checkpoint or by another key proves nothing', async () => {
    const agreed = await verify(good, [witness('tag:release/OPS-1', 50)]);
    expect(agreed.verdict).toBe('ok');
    expect(agreed.agreedWith).toContain('tag:release/OPS-1');
    expect((await verify(good, [{ source: 'tag:none', text: undefined }])).findings).toEqual([
      { kind: 'witness-unusable', source: 'tag:none', reason: 'not found' },
    ]);
    expect((await verify(good, [{ source: 'ticket:OPS-1', text: 'Done.' }])).verdict).toBe('incomplete');
  });
});

test('an export signed by a key that the auditor does not trust is refused', async () => {
  const stranger = parseVerifierKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
  const report = await verifyBundle(good, { keys: stranger ? [stranger] : [], witnesses: [] });
  expect(report.verdict).toBe('tampering');
  expect(report.findings).toContainEqual(
    expect.objectContaining({ kind: 'checkpoint-refused', reason: 'unknown-key' }),
  );
});

function verify(bundle: string, witnesses: Witness[] = []): Promise<VerificationReport> {
  return verifyBundle(bundle, { keys: trusted, witnesses });
}

/** Whether a finding points at one of these entries, exactly or as the stretch between two good checkpoints. */
function names(finding: Finding, [from, to]: [number, number]): boolean {
  const inside = (index: number): boolean => from <= index && index < to;
  switch (finding.kind) {
    case 'entry-edited':
    case 'entry-doubled':
    case 'payload-edited':
    case 'payload-missing':
    case 'payload-not-erased':
    case 'payload-without-entry':
    case 'erasure-unseen':
      return inside(finding.index);
    case 'entry-moved':
      return inside(finding.index) || inside(finding.position);
    case 'entry-missing':
    case 'tail-unsigned':
      return finding.from < to && from < finding.to;
    case 'head-differs':
      return finding.agreedSize < to && from < finding.size && finding.size - finding.agreedSize <= 60;
    case 'tail-cut':
      return finding.size < to && from < finding.claimedSize;
    case 'checkpoint-refused':
    case 'file-changed':
    case 'file-missing':
    case 'nothing-signed':
    case 'witness-unusable':
      return false;
  }
}
