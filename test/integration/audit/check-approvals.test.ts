import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeBundle } from '#app/audit/export-log.ts';
import { verifyBundle } from '#app/audit/verify-bundle.ts';
import { parseVerifierKey } from '#domain/audit/signed-note.ts';
import { type Draft, rows, snapshotOf, verifierKey } from '#test/unit/audit/synthetic-log.ts';
import { honestDay, PEOPLE } from './approved-log.ts';
import { PLANTED } from './planted.ts';

const checker = path.resolve(import.meta.dirname, '../../support/check-approvals.py');
const hasPython = spawnSync('python3', ['--version']).status === 0;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'check-approvals-'));
  writeFileSync(path.join(folder, 'people.json'), JSON.stringify(PEOPLE));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!hasPython)('the checker that shares no code with the service', () => {
  test('finds nothing in an honest log', async () => {
    expect(await check({ honest: honestDay() })).toEqual({ honest: [] });
  });

  test(`reports each of ${PLANTED.length} planted violations by its rule, in logs that are whole and signed`, {
    timeout: 120_000,
  }, async () => {
    const logs = Object.fromEntries(
      PLANTED.map(({ plant }, index) => [`planted-${index}`, plant(honestDay())]),
    );
    const found = await check(logs);
    const missed = PLANTED.filter(({ rule }, index) => !found[`planted-${index}`]?.includes(rule));
    expect(missed.map(({ what, rule }) => ({ what, rule }))).toEqual([]);
    expect(PLANTED.length).toBeGreaterThanOrEqual(20);
  });
});

/** The rules that each log breaks. Every log is written, signed and proved by itself first: only what it says is wrong. */
async function check(logs: Record<string, Draft[]>): Promise<Record<string, string[]>> {
  const keys = [parseVerifierKey(verifierKey)].filter((key) => key !== undefined);
  for (const [name, drafts] of Object.entries(logs)) {
    const bundle = path.join(folder, name);
    await writeBundle(snapshotOf(rows(drafts), [drafts.length]), [verifierKey], bundle);
    expect((await verifyBundle(bundle, { keys, witnesses: [] })).verdict).toBe('ok');
  }
  const bundles = Object.keys(logs).map((name) => path.join(folder, name));
  const run = promisify(execFile)('python3', [
    checker,
    '--people',
    path.join(folder, 'people.json'),
    ...bundles,
  ]);
  const { stdout } = await run.catch((error: { stdout: string; stderr: string }) => {
    if (error.stderr !== '') throw new Error(error.stderr);
    return error;
  });
  const lines = stdout.split('\n');
  return Object.fromEntries(
    Object.keys(logs).map((name) => [
      name,
      lines.flatMap((line) => new RegExp(`/${name}: entry \\d+: ([a-z-]+): `).exec(line)?.slice(1, 2) ?? []),
    ]),
  );
}
