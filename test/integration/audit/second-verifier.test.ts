import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeBundle } from '#app/audit/export-log.ts';
import { verifyBundle } from '#app/audit/verify-bundle.ts';
import { parseVerifierKey } from '#domain/audit/signed-note.ts';
import { checkpointOf, drafts, rows, snapshotOf, verifierKey } from '#test/unit/audit/synthetic-log.ts';
import { damage, forge, seeded } from './tampering.ts';

const verifier = path.resolve(import.meta.dirname, '../../support/verify-bundle.py');
const hasPython = spawnSync('python3', ['--version']).status === 0;
const SIZE = 120;
let folder: string;
let good: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'audit-second-'));
  good = path.join(folder, 'good');
  await writeBundle(snapshotOf(rows(drafts(SIZE)), [50, SIZE]), [verifierKey], good);
});

afterAll(() => rmSync(folder, { recursive: true }));

test.skipIf(!hasPython)(
  'a verifier in another language agrees on the good export and on 80 tampered ones',
  async () => {
    const random = seeded(3);
    const bundles = [good];
    for (let n = 0; n < 80; n += 1) {
      const copy = path.join(folder, `copy-${n}`);
      if (n % 2 === 0) damage(good, copy, random);
      else forge(good, copy, random);
      bundles.push(copy);
    }
    const theirs = await secondOpinion(bundles);
    expect(theirs[0]).toBe('ok');
    expect(theirs.slice(1).filter((verdict) => verdict === 'ok')).toEqual([]);

    const trusted = [parseVerifierKey(verifierKey)].filter((key) => key !== undefined);
    const ours = await Promise.all(
      bundles.map(async (bundle) => (await verifyBundle(bundle, { keys: trusted, witnesses: [] })).verdict),
    );
    // Both call a removed file incomplete; which of several things wrong with a file comes first is each one's own affair.
    const disagreements = bundles.filter((_, at) => (theirs[at] === 'ok') !== (ours[at] === 'ok'));
    expect(disagreements).toEqual([]);
  },
);

test.skipIf(!hasPython)(
  'a verifier in another language sees the rewritten log against a witness',
  async () => {
    const rewritten = path.join(folder, 'rewritten');
    const forged = drafts(SIZE).with(60, {
      type: 'plan-finished',
      subject: { changeId: 'c-forged' },
      payload: {},
    });
    await writeBundle(snapshotOf(rows(forged), [50, SIZE]), [verifierKey], rewritten);
    const [before, after] = [path.join(folder, 'before.txt'), path.join(folder, 'after.txt')];
    writeFileSync(before, checkpointOf(rows(drafts(SIZE)), 60));
    writeFileSync(after, checkpointOf(rows(drafts(SIZE)), 61));
    expect(await secondOpinion([rewritten])).toEqual(['ok']);
    expect(await secondOpinion([rewritten], '--against', before)).toEqual(['ok']);
    expect(await secondOpinion([rewritten], '--against', after)).toEqual(['tampering']);
  },
);

async function secondOpinion(bundles: readonly string[], ...options: string[]): Promise<string[]> {
  const run = promisify(execFile)('python3', [verifier, '--vkey', verifierKey, ...options, ...bundles]);
  // The exit code is the worst of all bundles; what counts here is the line of each.
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  const verdicts = ['ok', 'tampering', 'incomplete'];
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => verdicts[Number(line[0])] ?? line);
}
