import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { isMet, renderReport } from '#test/bench/report.ts';
import { median, percentile, type Results } from '#test/bench/result.ts';

const MAIN = resolve(import.meta.dirname, '../../bench/main.ts');
const run = promisify(execFile);

test('the bench measures a merge request of one project and writes down what it saw', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-bench-test-'));
  const file = join(dir, 'results.json');
  const small = ['--quick', '--projects', '1', '--folders', '3', '--only', 'plan,git'];
  try {
    const { stdout } = await run(process.execPath, [MAIN, ...small, '--json', file]);
    const results = JSON.parse(await readFile(file, 'utf8')) as Results;
    expect(stdout).toContain('webhook → plan note / by hand');
    expect(results.machine).toMatchObject({ cores: expect.any(Number), node: process.version });
    const values = new Map(results.rows.map(({ id, value }) => [id, value]));
    for (const id of ['work-tree', 'tiny-1-note', 'tiny-1-first-note', 'memory-worker'])
      expect(values.get(id), id).toBeGreaterThan(0);
    // Counted, not timed: the same on every machine.
    expect(values.get('tiny-1-terraform')).toBe(3);
    expect(values.get('tiny-1-note-writes')).toBeGreaterThanOrEqual(1);
    expect(values.get('tiny-1-git')).toBeGreaterThanOrEqual(1);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 60_000);

test('a report says which goals are missed, and by how much a number moved since the last time', () => {
  const row = { what: 'intake', ours: 800, other: 1_000, unit: 'requests/s', value: 0.8 } as const;
  const now: Results = {
    at: '2026-01-02T00:00:00Z',
    machine: { cores: 2 },
    settings: {},
    rows: [{ id: 'intake-rate', ...row, goal: { at: 'least', value: 0.9 } }],
    skipped: ['AWS: no providers'],
  };
  const before: Results = {
    ...now,
    at: '2026-01-01T00:00:00Z',
    rows: [{ id: 'intake-rate', ...row, value: 0.4 }],
  };
  const text = renderReport(now, before);
  expect(text).toMatch(/intake\s+800\/s\s+1000\/s\s+0\.80\s+≥ 0\.9 MISSED\s+0\.40 \(\+100 %\)/);
  expect(text).toContain('not measured: AWS: no providers');
  expect(now.rows.map(isMet)).toEqual([false]);
});

test('medians and percentiles are those of the values', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(
    percentile(
      Array.from({ length: 100 }, (_, i) => i + 1),
      0.99,
    ),
  ).toBe(99);
});
