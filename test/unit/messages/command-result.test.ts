import { expect, test } from 'vitest';
import type { CommandResult } from '#domain/effect.ts';
import { commandReply } from '#messages/command-reply.ts';
import { openTicket, PAGE } from './sample-change.ts';

const COUNTS = { create: 2, update: 0, delete: 1, replace: 0, import: 0, move: 0, forget: 0, outputs: 0 };
const shown = (verb: 'plan' | 'apply', results: CommandResult[]) =>
  commandReply({
    command: { verb },
    outcome: { kind: 'done', results },
    pageUrl: PAGE,
    ticket: openTicket(),
  });

test('a plan of one project ends with what it would do', () => {
  expect(shown('plan', [{ project: 'a', status: 'awaiting-approval', counts: COUNTS }])).toBe(
    `**Planned** \`countersign plan\`: \`a\`: 2 to add, 1 to destroy. [What comes next](${PAGE}).`,
  );
});

test('a plan that failed says why', () => {
  const results = [
    { project: 'a', status: 'plan-failed', reason: 'terraform init failed: no mirror' },
  ] as const;
  expect(shown('plan', [...results])).toContain(
    '**Failed** `countersign plan`: `a`: the plan failed: terraform init failed: no mirror.',
  );
});

test('an apply says what was applied, and of which project not', () => {
  const results: CommandResult[] = [
    { project: 'a', status: 'applied', counts: COUNTS },
    { project: 'b', status: 'blocked', counts: COUNTS, reason: 'not open: four-eyes' },
  ];
  expect(shown('apply', results)).toBe(
    [
      '**Done, in part** `countersign apply`:',
      '- `a`: applied (2 added, 1 destroyed).\n- `b`: blocked: not open: four-eyes.',
      `[What comes next](${PAGE}).`,
    ].join('\n\n'),
  );
});

test('an apply whose approval was lost is none', () => {
  const reason = 'it has to be approved again: the decision was taken back';
  expect(shown('apply', [{ project: 'a', status: 'awaiting-approval', counts: COUNTS, reason }])).toBe(
    `**Failed** \`countersign apply\`: \`a\`: not applied: ${reason}. [What comes next](${PAGE}).`,
  );
});

test('the end of many projects is told in one sentence, and those that failed by name', () => {
  const many = Array.from({ length: 200 }, (_, n): CommandResult => {
    if (n === 7) return { project: 'p7', status: 'plan-failed', reason: 'no such module' };
    return n % 2 === 0
      ? { project: `p${n}`, status: 'no-changes' }
      : { project: `p${n}`, status: 'awaiting-approval', counts: COUNTS };
  });
  expect(shown('plan', many)).toBe(
    [
      '**Done, in part** `countersign plan`: 200 projects, 198 to add, 99 to destroy; 100 without changes; 1 failed.',
      '- `p7`: the plan failed: no such module.',
      `[What comes next](${PAGE}).`,
    ].join('\n\n'),
  );
});
