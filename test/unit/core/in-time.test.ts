import { describe, expect, test } from 'vitest';
import { isEarly } from '#domain/early.ts';
import type { GateReason } from '#domain/project.ts';
import { olga, peter, target } from './facts.ts';
import { Play } from './play.ts';

const app = target('app');
const db = target('db', { applyOn: 'command' });
const OPENS = '2026-11-02T21:00:00Z';
const CLOSES = '2026-11-03T01:00:00Z';
const window = { gate: 'change-window', answer: 'no', reason: 'it waits', remedy: 'nothing' } as const;

const CLOCK = { type: 'surroundings-changed', source: 'clock', what: `it is ${OPENS}` } as const;

/** The gates have nothing against it but the time. */
function early(play: Play, key: string): Play {
  return play.record(play.looked(key, false, { turnsAt: OPENS, reasons: [{ ...window, until: OPENS }] }));
}

function ready(play: Play, key: string): Play {
  return play.record(play.looked(key, true, { turnsAt: CLOSES }));
}

describe('what is approved before its time', () => {
  test('is looked at again when that has come, and is applied by itself if all gates say yes then', () => {
    const play = early(new Play().approved(app), 'app');
    expect(play.asked('wake-change')).toEqual([{ type: 'wake-change', at: OPENS }]);
    expect(isEarly(play.project('app'))).toBe(true);
    play.record({ type: 'surroundings-changed', source: 'clock', what: `it is ${OPENS}` });
    expect(play.statuses()).toEqual({ app: 'gating' });
    expect(play.judged('app', true).statuses()).toEqual({ app: 'applying' });
  });

  test('stays blocked, with the reason, if something has moved meanwhile', () => {
    const play = early(new Play().approved(app), 'app');
    play
      .record({ type: 'surroundings-changed', source: 'clock', what: `it is ${OPENS}` })
      .judged('app', false);
    expect(play.project('app')).toMatchObject({ status: 'blocked', reasons: [{ gate: 'mergeable' }] });
    expect(isEarly(play.project('app'))).toBe(false);
    expect(play.asked('wake-change')).toEqual([]);
  });

  test('waits for a command where it is applied on one', () => {
    const play = early(new Play().approved(db), 'db').record(CLOCK).judged('db', true);
    expect(play.statuses()).toEqual({ db: 'ready' });
  });
});

describe('a command that comes before its time', () => {
  const other = { gate: 'four-eyes', answer: 'no', reason: 'olga left', remedy: 'ask another' } as const;
  const unseen = { gate: 'mergeable', answer: 'unknown', reason: 'GitLab is away', remedy: '' } as const;
  const finds = (play: Play, ...reasons: GateReason[]) => {
    return play.record(play.looked('db', false, { reasons }));
  };
  const waiting = () => early(new Play().approved(db).judged('db', true).says(olga, { verb: 'apply' }), 'db');

  test('is accepted, with the time and how it is called off, and is done when that has come', () => {
    const play = waiting();
    expect(play.answer()).toEqual({
      kind: 'accepted',
      doing: 'db is approved: it waits; nothing; `countersign cancel` calls it off',
    });
    expect(play.refusals()).toEqual([]);
    expect(play.asked('wake-change')).toEqual([{ type: 'wake-change', at: OPENS }]);
    expect(isEarly(play.project('db'))).toBe(true);
    play.record(CLOCK).judged('db', true);
    expect(play.project('db')).toMatchObject({ status: 'applying', command: { by: { username: 'olga' } } });
    expect(play.answer()).toEqual({ kind: 'accepted', doing: 'db is being applied' });
    play.claimed('db').ended('db', 'succeeded');
    expect(play.answer()).toMatchObject({ kind: 'done', results: [{ status: 'applied' }] });
  });

  test('is refused where something else is against it as well', () => {
    const play = new Play().approved(db).judged('db', true).says(olga, { verb: 'apply' });
    finds(play, { ...window, until: OPENS }, other);
    expect(play.answer()).toMatchObject({ kind: 'refused', refusals: [{ code: 'gates-closed' }] });
    expect(play.record(CLOCK).judged('db', true).statuses()).toEqual({ db: 'ready' });
  });

  test('is looked at meanwhile without a word, and is judged by what is found when its time has come', () => {
    const play = early(waiting().surroundingsChange(), 'db');
    expect(play.asked('answer-command')).toEqual([]);
    finds(play.surroundingsChange(), { ...window, until: OPENS }, other);
    expect(play.answer()).toMatchObject({ kind: 'accepted' });
    finds(play.record(CLOCK), other);
    expect(play.answer()).toMatchObject({ kind: 'refused', refusals: [{ gates: [other] }] });
    expect(play.surroundingsChange().judged('db', true).statuses()).toEqual({ db: 'ready' });
  });

  test('waits on for what could not be asked when its time had come', () => {
    const play = finds(waiting().record(CLOCK), unseen);
    expect(play.refusals()).toEqual([]);
    expect(play.surroundingsChange('sweep').judged('db', true).statuses()).toEqual({ db: 'applying' });
  });

  test('is called off with the change, and whoever gave it is told', () => {
    const play = waiting().says(peter, { verb: 'cancel' });
    expect(play.statuses()).toEqual({ db: 'cancelled' });
    expect(play.asked('answer-command')).toMatchObject([
      { noteId: 2, outcome: { kind: 'accepted' } },
      { noteId: 1, outcome: { kind: 'done', results: [{ status: 'cancelled' }] } },
    ]);
  });

  test('stands while the plan is made anew, and goes by the approval that the equal one keeps', () => {
    const play = early(waiting().expires('db').planned('db'), 'db');
    expect(play.refusals()).toEqual([]);
    expect(play.record(CLOCK).judged('db', true).statuses()).toEqual({ db: 'applying' });
  });

  test('ends with the approval it was given under, and whoever gave it is told', () => {
    const play = waiting().expires('db').planned('db', 'another one');
    expect(play.answer()).toMatchObject({
      kind: 'done',
      results: [{ project: 'db', status: 'awaiting-approval', reason: expect.stringContaining('approv') }],
    });
    play.presented().ticketMoves('approved').judged('db', true);
    expect(play.statuses()).toEqual({ db: 'ready' });
    const pushed = waiting().push('b', db);
    expect(pushed.answer()).toMatchObject({ kind: 'done', results: [{ project: 'db', status: 'planning' }] });
    pushed.planned('db').presented().ticketMoves('approved').judged('db', true);
    expect(pushed.statuses()).toEqual({ db: 'ready' });
    const back = waiting().ticketMoves('in-review');
    expect(back.answer()).toMatchObject({ results: [{ reason: expect.stringContaining('taken back') }] });
  });
});

test('what is ready is asked again when its window closes', () => {
  const play = ready(new Play().approved(db), 'db');
  expect(play.statuses()).toEqual({ db: 'ready' });
  expect(play.asked('wake-change')).toEqual([{ type: 'wake-change', at: CLOSES }]);
  play.record({ type: 'surroundings-changed', source: 'clock', what: `it is ${CLOSES}` });
  expect(play.statuses()).toEqual({ db: 'gating' });
});

test('answers that no time turns ask for no look', () => {
  expect(new Play().approved(app).judged('app', false).asked('wake-change')).toEqual([]);
});
