import { describe, expect, test } from 'vitest';
import { isEarly } from '#domain/early.ts';
import { judged, olga, target } from './facts.ts';
import { Play } from './play.ts';

const app = target('app');
const db = target('db', { applyOn: 'command' });
const OPENS = '2026-11-02T21:00:00Z';
const CLOSES = '2026-11-03T01:00:00Z';
const window = { gate: 'change-window', answer: 'no', reason: 'it waits', remedy: 'nothing' } as const;

/** The gates have nothing against it but the time. */
function early(play: Play, key: string): Play {
  const project = play.project(key) as { key: string; evaluationId: string };
  return play.record(judged(project, false, { turnsAt: OPENS, reasons: [{ ...window, until: OPENS }] }));
}

function ready(play: Play, key: string): Play {
  const project = play.project(key) as { key: string; evaluationId: string };
  return play.record(judged(project, true, { turnsAt: CLOSES }));
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

  test('waits for a command where it is applied on one, and a command too early is refused with the time', () => {
    const play = early(new Play().approved(db), 'db').says(olga, { verb: 'apply' });
    early(play, 'db');
    expect(play.last.refusals).toMatchObject([{ code: 'gates-closed', gates: [{ until: OPENS }] }]);
    expect(play.asked('wake-change')).toEqual([{ type: 'wake-change', at: OPENS }]);
    play.record({ type: 'surroundings-changed', source: 'clock', what: `it is ${OPENS}` });
    expect(play.judged('db', true).statuses()).toEqual({ db: 'ready' });
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
