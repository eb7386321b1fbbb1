import { describe, expect, test } from 'vitest';
import * as facts from './facts.ts';
import { Play } from './play.ts';

const { olga, peter } = facts;
const app = facts.target('app', { applyOn: 'approval' });
const db = facts.target('db', { applyOn: 'command' });

describe('a plan that was asked for', () => {
  test('is answered again once the last of its projects is planned, with what each came to', () => {
    const play = new Play().push('a', app, db).planned('app').planned('db');
    play.says(peter, { verb: 'plan' });
    expect(play.answer()).toMatchObject({ kind: 'accepted' });
    play.planned('app');
    expect(play.answer()).toBeUndefined();
    play.planEnds('db', { kind: 'failed', reason: 'terraform plan failed: no such module' });
    expect(play.asked('answer-command')).toMatchObject([
      {
        noteId: 1,
        command: { verb: 'plan' },
        outcome: {
          kind: 'done',
          results: [
            { project: 'app', counts: { create: 1 } },
            { project: 'db', status: 'plan-failed', reason: 'terraform plan failed: no such module' },
          ],
        },
      },
    ]);
  });

  test('of one project ends with that project, whatever the others do', () => {
    const play = new Play().push('a', app, db).planned('app').planned('db');
    play.says(peter, { verb: 'plan', select: { project: 'db' } }).planned('db');
    expect(play.answer()).toMatchObject({ kind: 'done', results: [{ project: 'db' }] });
    expect(play.change.underway).toEqual([]);
  });

  test('that is cancelled is told so', () => {
    const play = new Play().push('a', app);
    play.says(peter, { verb: 'plan' }).says(olga, { verb: 'cancel' });
    expect(play.asked('answer-command')).toMatchObject([
      { noteId: 2, outcome: { kind: 'accepted' } },
      { noteId: 1, outcome: { kind: 'done', results: [{ project: 'app', status: 'cancelled' }] } },
    ]);
  });

  test('is answered once, however often the change moves afterwards', () => {
    const play = new Play().push('a', app).says(peter, { verb: 'plan' }).planned('app');
    expect(play.answer()).toMatchObject({ kind: 'done' });
    play.surroundingsChange();
    expect(play.answer()).toBeUndefined();
  });
});

describe('an apply that was commanded', () => {
  test('is told of the gates, and then how it ended', () => {
    const play = new Play().approved(db).judged('db', true).says(olga, { verb: 'apply' });
    expect(play.answer()).toMatchObject({ kind: 'accepted' });
    play.judged('db', true);
    expect(play.answer()).toEqual({ kind: 'accepted', doing: 'db is being applied' });
    play.claimed('db');
    expect(play.answer()).toBeUndefined();
    play.ended('db', 'failed-partial');
    expect(play.answer()).toMatchObject({
      kind: 'done',
      results: [{ project: 'db', status: 'apply-failed' }],
    });
  });

  test('of several projects is answered when the last has come to rest, with those whose gates said no', () => {
    const [one, two] = [
      facts.target('one', { applyOn: 'command' }),
      facts.target('two', { applyOn: 'command' }),
    ];
    const play = new Play().approved(one, two).judged('one', true).judged('two', true);
    play.says(olga, { verb: 'apply' }).judged('one', false);
    expect(play.answer()).toBeUndefined();
    play.judged('two', true).claimed('two').ended('two', 'succeeded');
    expect(play.answer()).toMatchObject({
      kind: 'done',
      results: [
        { project: 'one', status: 'blocked', reason: expect.stringContaining('not open') },
        { project: 'two', status: 'applied' },
      ],
    });
  });
});
