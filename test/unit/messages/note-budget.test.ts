import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import { fit, joined } from '#messages/fit.ts';
import { summaryNote } from '#messages/summary-note.ts';
import { model, planModel, project, resource, sampleChange } from './sample-change.ts';

describe('a note within its budget', () => {
  test('of two hundred projects is readable: trouble first, unchanged ones counted, no plan cut', () => {
    const projects = [
      ...names('quiet', 150).map((key) => project(key, 'no-changes')),
      ...names('changed', 48).map((key) => project(key, 'awaiting-approval')),
      project('team/broken-a', 'plan-failed'),
      project('team/broken-b', 'plan-failed'),
    ];
    const resources = Array.from({ length: 100 }, (_, n) => resource(`terraform_data.r${n}`, 'create'));
    const change = sampleChange({ projects });
    const plans = new Map(names('changed', 48).map((key) => [key, planModel(key, resources)]));
    const diagnostics = new Map([['team/broken-b', [failure(3)]]]);
    const shown = summaryNote({ ...model(change), plans, diagnostics });
    expect(shown.length).toBeLessThanOrEqual(60_000);
    expect(areFencesBalanced(shown)).toBe(true);
    const rows = shown.split('\n').filter((line) => /^\| \[?`/.test(line));
    expect(rows).toHaveLength(50);
    expect(rows.slice(0, 2).join()).toMatch(/broken-a.*broken-b/);
    expect(shown).toContain('<details><summary>30 more projects</summary>');
    expect(shown).toContain('150 projects have no changes');
    expect(shown).toContain('> 3:   nme = "x"');
    expect(shown).toMatch(/Not shown here for want of room: .* and \d+ more\. \[See every plan\]/);
  });

  test('of any projects, plan texts and failures keeps every fence closed, names every project and stays within', () => {
    fc.assert(
      fc.property(
        fc.array(anyProject, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 6_000, max: 60_000 }),
        (all, budget) => {
          const projects = all.map(({ status }, at) => project(keyOf(at), status));
          const change = sampleChange({ projects });
          const plans = new Map(all.map(({ addresses }, at) => [keyOf(at), planWith(keyOf(at), addresses)]));
          const diagnostics = new Map(all.map(({ problems }, at) => [keyOf(at), problems]));
          const shown = summaryNote({ ...model(change), plans, diagnostics }, budget);
          expect(shown.length).toBeLessThanOrEqual(budget);
          expect(areFencesBalanced(shown)).toBe(true);
          expect(shown.match(/^<details>/gm)?.length).toBe(shown.match(/^<\/details>$/gm)?.length);
          for (const [at] of all.entries()) expect(shown).toContain(keyOf(at));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('parts within a budget', () => {
  test('are told in full when there is room', () => {
    expect(fit([{ versions: ['', 'a', 'aa'], importance: 1 }], 2)).toEqual({
      told: ['aa'],
      isShortened: false,
    });
  });

  test('are each told whole or shorter, the important ones longer', () => {
    const parts = [
      { versions: ['-', 'less important'], importance: 2 },
      { versions: ['', 'important'], importance: 1 },
    ] as const;
    const { told, isShortened } = fit(parts, 14);
    expect(told).toEqual(['-', 'important']);
    expect(isShortened).toBe(true);
    expect(joined(told).length).toBeLessThanOrEqual(14);
  });

  test('of one importance grow together', () => {
    const part = { versions: ['', '1234', '1234567890'], importance: 1 } as const;
    expect(fit([part, part], 12).told).toEqual(['1234', '1234']);
  });
});

const keyOf = (at: number) => `team/dev/project-${at}`;
const names = (kind: string, count: number) =>
  Array.from({ length: count }, (_, n) => `team/dev/${kind}-${String(n).padStart(3, '0')}`);

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom('```\n/merge', '~~~~', '</details>', '`', 'x'.repeat(5_000), '\n'.repeat(50)),
);
const anyDiagnostic: fc.Arbitrary<Diagnostic> = fc.record(
  {
    severity: fc.constantFrom('error', 'warning'),
    summary: text,
    detail: text,
    file: text,
    line: fc.integer({ min: 1, max: 9_999 }),
    code: text,
  },
  { requiredKeys: ['severity', 'summary', 'detail'] },
);
const anyProject = fc.record({
  status: fc.constantFrom(
    'awaiting-approval',
    'plan-failed',
    'no-changes',
    'blocked',
    'apply-failed',
    'ready',
  ),
  addresses: fc.array(text, { maxLength: 30 }),
  problems: fc.array(anyDiagnostic, { maxLength: 4 }),
});

function planWith(key: string, addresses: readonly string[]) {
  const value = { sensitive: false, unknown: false, forcesReplacement: false };
  const resources = addresses.map((address) => ({
    ...resource('terraform_data.x', 'update', [{ ...value, path: [address], before: address, after: '' }]),
    address,
  }));
  return planModel(key, resources);
}

function failure(line: number): Diagnostic {
  return {
    severity: 'error',
    summary: 'Unsupported argument',
    detail: 'An argument named "nme" is not expected here.',
    file: 'main.tf',
    line,
    code: '  nme = "x"',
  };
}

/** Every fence that opens is closed before the next, as any parser of Markdown sees it. */
function areFencesBalanced(note: string): boolean {
  let isOpen = false;
  for (const line of note.split('\n')) {
    if (isOpen && /^ {0,3}```+\s*$/.test(line)) isOpen = false;
    else if (!isOpen && /^ {0,3}(```|~~~)/.test(line)) isOpen = true;
    else if (isOpen && /^ {0,3}```/.test(line)) return false;
  }
  return !isOpen;
}
