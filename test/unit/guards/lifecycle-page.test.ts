import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { drive } from '../../../scripts/lifecycle/drive.ts';
import { lifecyclePage } from '../../../scripts/lifecycle/page.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const arrows = drive();

test('docs/lifecycle.md is what the code says; `node scripts/write-lifecycle.ts` writes it anew', () => {
  expect(readFileSync(path.join(root, 'docs/lifecycle.md'), 'utf8')).toBe(lifecyclePage(root));
});

test('it has a chapter for every status that has a file', () => {
  const files = readdirSync(path.join(root, 'src/domain/lifecycle'));
  const statuses = files.map((file) => file.replace('.ts', '')).filter((name) => !name.startsWith('step'));
  expect([...new Set(arrows.map(({ from }) => from))].sort()).toEqual(statuses.sort());
});

test('every arrow of the design is there', () => {
  const there = new Set(arrows.map(({ from, to }) => `${from} → ${to}`));
  expect([...there]).toEqual(
    expect.arrayContaining([
      'opening-ticket → planning',
      'planning → plan-failed',
      'planning → no-changes',
      'planning → awaiting-approval',
      'awaiting-approval → rejected',
      'awaiting-approval → expired',
      'awaiting-approval → gating',
      'gating → blocked',
      'blocked → gating',
      'gating → ready',
      'gating → applying',
      'ready → gating',
      'applying → applied',
      'applying → apply-failed',
      'applying → apply-interrupted',
      'applied → released',
      'released → merged',
      'released → applied-unmerged',
      'applied-unmerged → merged',
    ]),
  );
});

test('nothing but gates that say yes leads to an apply', () => {
  const starting = arrows.filter(({ effects }) => effects.includes('run-apply'));
  expect(starting.map(({ from, signal, when }) => [from, signal, when])).toEqual([
    ['gating', 'gates-evaluated', expect.stringMatching(/^all yes, .*, approval in force$/)],
  ]);
});
