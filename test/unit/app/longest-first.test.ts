import { expect, test } from 'vitest';
import { longestFirst, plansToOrder } from '#app/longest-first.ts';
import type { Effect } from '#domain/effect.ts';

const plan = (project: string): Effect => ({ type: 'run-plan', project, planRunId: `plan of ${project}` });

test('plans begin with the longest, what was never planned before them, and nothing else moves', () => {
  const effects: Effect[] = [
    plan('short'),
    { type: 'publish-note' },
    plan('new'),
    plan('long'),
    plan('newer'),
    { type: 'publish-status' },
  ];
  const seconds = new Map([
    ['short', 2],
    ['long', 90],
  ]);
  expect(
    longestFirst(effects, seconds).map((each) => ('project' in each ? each.project : each.type)),
  ).toEqual(['new', 'publish-note', 'newer', 'long', 'short', 'publish-status']);
  expect(plansToOrder(effects)).toEqual(['short', 'new', 'long', 'newer']);
  expect(plansToOrder([plan('only'), { type: 'publish-note' }])).toEqual([]);
});
