import { expect, test } from 'vitest';
import { planToTell } from '#domain/approved-tuple.ts';
import { target } from './facts.ts';
import { Play } from './play.ts';

const app = target('app');

test('what was applied can still be told after the merge', () => {
  const play = new Play().applying('app', app);
  const plan = play.change.projects.map(planToTell);
  expect(plan).toMatchObject([{ planRunId: 'chg.p1' }]);
  play.ended('app', 'succeeded').tagged().merged();
  expect(play.statuses()).toEqual({ app: 'merged' });
  expect(play.change.projects.map(planToTell)).toEqual(plan);
});

test('of a change that was merged unapplied nothing is told as applied', () => {
  const play = new Play().push('a', app).planned('app').mergeRequestIs('merged');
  expect(play.statuses()).toEqual({ app: 'merged' });
  expect(play.change.projects.map(planToTell)).toEqual([undefined]);
});
