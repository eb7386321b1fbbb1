import { describe, expect, test } from 'vitest';
import * as facts from './facts.ts';
import { olga, peter } from './facts.ts';
import { Play } from './play.ts';

const app = facts.target('app', { applyOn: 'merge' });
const db = facts.target('db', { applyOn: 'merge', wave: 1, after: ['app'] });
const other = facts.target('other');

describe('apply on merge', () => {
  test('what is approved waits for the merge, and goes by itself then', () => {
    const play = new Play().approved(app).judged('app', true);
    expect(play.statuses()).toEqual({ app: 'ready' });
    expect(play.asked('run-apply')).toEqual([]);
    play.mergeRequestIs('merged');
    expect(play.statuses()).toEqual({ app: 'gating' });
    play.judged('app', true);
    expect(play.asked('run-apply')).toHaveLength(1);
    play.claimed('app').ended('app', 'succeeded').tagged();
    expect(play.asked('merge-change')).toEqual([]);
    expect(play.statuses()).toEqual({ app: 'merged' });
    expect(play.change.ticket).toMatchObject({ status: 'closed', outcome: 'done' });
    expect(play.change.holds).toEqual([]);
  });

  test('a merge while the gates are asked makes them be asked again, to apply', () => {
    const play = new Play().approved(app).mergeRequestIs('merged').judged('app', true);
    expect(play.statuses()).toEqual({ app: 'applying' });
  });

  test('what was merged before its approval is applied after it', () => {
    const play = new Play().push('a', app).planned('app').ticketOpens().presented().mergeRequestIs('merged');
    expect(play.statuses()).toEqual({ app: 'awaiting-approval' });
    expect(play.asked('close-ticket')).toEqual([]);
    play.ticketMoves('approved').judged('app', true);
    expect(play.statuses()).toEqual({ app: 'applying' });
  });

  test('what was merged and is then rejected is never applied', () => {
    const play = new Play().push('a', app).planned('app').ticketOpens().presented().mergeRequestIs('merged');
    play.ticketMoves('rejected');
    expect(play.statuses()).toEqual({ app: 'merged' });
    expect(play.asked('close-ticket')).toHaveLength(1);
  });

  test('a closed gate after the merge opens the way when it clears', () => {
    const play = new Play().approved(app).judged('app', true).mergeRequestIs('merged').judged('app', false);
    expect(play.statuses()).toEqual({ app: 'blocked' });
    play.surroundingsChange().judged('app', true);
    expect(play.statuses()).toEqual({ app: 'applying' });
  });

  test('waves go on after the merge, a differing plan back to its approver', () => {
    const play = new Play().approved(app, db).judged('app', true).mergeRequestIs('merged');
    play.judged('app', true).claimed('app').ended('app', 'succeeded');
    expect(play.statuses()).toEqual({ app: 'applied', db: 'planning' });
    play.planned('db', 'another').presented().ticketMoves('approved').judged('db', true);
    play.claimed('db').ended('db', 'succeeded').tagged();
    expect(play.statuses()).toEqual({ app: 'merged', db: 'merged' });
  });

  test('a forecast that could not be made before the merge is planned after the wave in front of it', () => {
    const play = new Play().push('a', app, db).planned('app');
    play.planEnds('db', { kind: 'failed', reason: 'no such subnet' }).ticketOpens().presented();
    play.ticketMoves('approved').judged('app', true).mergeRequestIs('merged').judged('app', true);
    play.claimed('app').ended('app', 'succeeded');
    expect(play.statuses()).toEqual({ app: 'applied', db: 'planning' });
  });

  test('beside it, what was to be applied before the merge is left alone by it', () => {
    const play = new Play().approved(app, other).judged('app', true).mergeRequestIs('merged');
    expect(play.statuses()).toEqual({ app: 'awaiting-approval', other: 'merged' });
    expect(play.review()).toBe('presenting');
  });

  test('it can still be planned again or cancelled after the merge', () => {
    const play = new Play().approved(app).judged('app', true).mergeRequestIs('merged').judged('app', false);
    expect(play.says(peter, { verb: 'plan' }).statuses()).toEqual({ app: 'planning' });
    play.says(olga, { verb: 'cancel' });
    expect(play.statuses()).toEqual({ app: 'merged' });
    expect(play.asked('close-ticket')).toHaveLength(1);
  });
});

describe('merging', () => {
  test('is left to people where that is configured', () => {
    const play = new Play();
    play.record(facts.reading(facts.sha('a'), [other], {}, { mergeAfterApply: false }));
    play.planned('other').ticketOpens().presented().ticketMoves('approved').judged('other', true);
    play.claimed('other').ended('other', 'succeeded').tagged();
    expect(play.asked('merge-change')).toEqual([]);
    expect(play.statuses()).toEqual({ other: 'released' });
    play.mergeRequestIs('merged');
    expect(play.statuses()).toEqual({ other: 'merged' });
  });
});

describe('projects that a comment asks for', () => {
  const asked = { verb: 'plan', select: { dir: 'far/away' } } as const;
  const far = facts.target('far/away');

  test('are looked for in the repository, and planned with the rest', () => {
    const play = new Play().push('a', app).says(peter, asked);
    expect(play.asked('read-merge-request')).toHaveLength(1);
    expect(play.answer()?.kind).toBe('accepted');
    play.record(facts.reading(facts.sha('a'), [app, far]));
    expect(play.statuses()).toEqual({ app: 'planning', 'far/away': 'planning' });
    expect(play.answer()).toMatchObject({ kind: 'accepted', doing: expect.stringContaining('far/away') });
    expect(play.push('a', app, far).answer()).toBeUndefined();
  });

  test('are refused when there are none', () => {
    const play = new Play().push('a', app).says(peter, asked).push('a', app);
    expect(play.answer()).toMatchObject({ kind: 'refused', refusals: [{ code: 'unknown-project' }] });
    expect(play.change.requested).toEqual([]);
  });
});
