import { describe, expect, test } from 'vitest';
import { parseVerifierKey } from '#domain/audit/signed-note.ts';
import {
  createLogVerifier,
  type StoredEntry,
  type VerificationReport,
  type VerifyOptions,
} from '#domain/audit/verify-log.ts';
import { checkpointOf, drafts, origin, rows, verifierKey } from './synthetic-log.ts';

const keys = [parseVerifierKey(verifierKey)].filter((key) => key !== undefined);
const good = rows(drafts(60));
const checkpoints = [20, 40, 60].map((size) => ({
  source: `checkpoint ${size}`,
  note: checkpointOf(good, size),
}));

test('a log that is as it was signed verifies', () => {
  expect(verify(good)).toMatchObject({ verdict: 'ok', size: 60, signedSize: 60, findings: [] });
});

test('an empty log is nothing to complain about', () => {
  expect(verify([], { checkpoints: [] })).toMatchObject({ verdict: 'ok', size: 0 });
});

describe('names', () => {
  test('the entry whose bytes are not those that were hashed', () => {
    expect(verify(changed(33, { envelope: edited(33) })).findings).toEqual([
      { kind: 'entry-edited', index: 33 },
    ]);
  });

  test('the stretch between two good checkpoints, when the hash was edited too', () => {
    const forged = rows(drafts(60).with(33, { type: 'forged', subject: {}, payload: {} }));
    expect(verify(forged).findings).toEqual([
      { kind: 'head-differs', source: 'checkpoint 40', size: 40, agreedSize: 20 },
    ]);
  });

  test('the stretch as well, when one edit was left to be found as a decoy for another', () => {
    const forged = rows(drafts(60).with(33, { type: 'forged', subject: {}, payload: {} }));
    const decoy = forged.with(25, { ...entryAt(forged, 25), envelope: edited(25) });
    expect(verify(decoy).findings.map(({ kind }) => kind)).toEqual(['entry-edited', 'head-differs']);
  });

  test('entries that are missing', () => {
    const findings = verify(good.toSpliced(30, 3)).findings;
    expect(findings).toContainEqual({ kind: 'entry-missing', from: 30, to: 33 });
  });

  test('entries that changed places', () => {
    const swapped = good.with(30, entryAt(good, 31)).with(31, entryAt(good, 30));
    expect(verify(swapped).findings).toContainEqual({ kind: 'entry-moved', position: 30, index: 31 });
  });

  test('an entry that is there twice', () => {
    expect(verify(good.toSpliced(30, 0, entryAt(good, 30))).findings).toContainEqual({
      kind: 'entry-doubled',
      index: 30,
    });
  });

  test('the tail that was cut off', () => {
    expect(verify(good.slice(0, 51)).findings).toEqual([
      { kind: 'tail-cut', source: 'checkpoint 60', claimedSize: 60, size: 51 },
    ]);
  });

  test('the payload that was edited', () => {
    const payload = { text: '{}', nonce: Buffer.alloc(32) };
    expect(verify(changed(12, { payload })).findings).toEqual([{ kind: 'payload-edited', index: 12 }]);
  });

  test('the payload that went without an entry that says so', () => {
    expect(verify(changed(12, { payload: undefined })).findings).toEqual([
      { kind: 'payload-missing', index: 12 },
    ]);
  });

  test('the payload that came back after its erasure', () => {
    const unerased = rows(drafts(60).with(49, { type: 'other', subject: {}, payload: {} }));
    const restored = changed(39, { payload: entryAt(unerased, 39).payload });
    expect(verify(restored).findings).toEqual([{ kind: 'payload-not-erased', index: 39, erasedBy: 49 }]);
  });

  test('the checkpoint that the key did not sign, or that is of another log', () => {
    const forged = checkpoints.with(1, {
      source: 'checkpoint 40',
      note: checkpointOf(good, 40).replace('\n40\n', '\n41\n'),
    });
    expect(verify(good, { checkpoints: forged }).findings).toEqual([
      { kind: 'checkpoint-refused', source: 'checkpoint 40', reason: 'bad-signature' },
    ]);
    expect(verify(good, { origin: 'other.example/log' }).findings).toContainEqual({
      kind: 'checkpoint-refused',
      source: 'checkpoint 40',
      reason: 'other-log',
    });
  });
});

test('entries after the last checkpoint are no finding in a growing log, and one in a closed one', () => {
  const older = { checkpoints: checkpoints.slice(0, 2), origin };
  expect(verify(good, older)).toMatchObject({ verdict: 'ok', size: 60, signedSize: 40 });
  expect(verify(good, { ...older, tail: 'closed' })).toMatchObject({
    verdict: 'incomplete',
    findings: [{ kind: 'tail-unsigned', from: 40, to: 60 }],
  });
});

test('a log that nobody signed is incomplete, not fine', () => {
  expect(verify(good, { checkpoints: [] })).toMatchObject({
    verdict: 'incomplete',
    findings: [{ kind: 'nothing-signed' }],
  });
});

test('the erasure that only a later entry shows leaves an export of the earlier ones incomplete, not tampered with', () => {
  const earlier = good.slice(0, 45);
  const options = { checkpoints: checkpoints.slice(0, 2) };
  expect(verify(earlier, options).findings).toEqual([{ kind: 'erasure-unseen', index: 39, erasedBy: 49 }]);
  expect(verify(earlier, options).verdict).toBe('incomplete');
});

function verify(entries: readonly StoredEntry[], options: Partial<VerifyOptions> = {}): VerificationReport {
  const verifier = createLogVerifier({ keys, checkpoints, witnesses: [], tail: 'growing', ...options });
  for (const entry of entries) verifier.add(entry);
  return verifier.finish();
}

function changed(index: number, change: Partial<StoredEntry>): StoredEntry[] {
  return good.with(index, { ...entryAt(good, index), ...change } as (typeof good)[number]);
}

function entryAt(entries: typeof good, index: number): (typeof good)[number] {
  const entry = entries[index];
  if (entry === undefined) throw new RangeError(`no entry ${index}`);
  return entry;
}

const edited = (index: number): string => entryAt(good, index).envelope.replace('2026-11-21', '2026-11-20');
