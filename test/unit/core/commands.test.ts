import { describe, expect, test } from 'vitest';
import type { Command } from '#domain/command.ts';
import { mara, olga, otto, peter, stranger, target } from './facts.ts';
import { Play } from './play.ts';

const app = target('app');
const db = target('db', { applyOn: 'command' });
const numbered = target('app', { declaresApprovalId: true });
const onCommand = target('app', { applyOn: 'command' });

/** A change with one project at every status there is. */
const AT: Record<string, () => Play> = {
  new: () => new Play(),
  'opening-ticket': () => new Play().push('a', numbered),
  planning: () => new Play().push('a', app),
  held: () => new Play().push('a', target('app', { holdFrom: 'plan' })).foundHeld('app'),
  'plan-failed': () =>
    new Play().push('a', app).planEnds('app', { kind: 'failed', reason: 'a typing error' }),
  'no-changes': () => new Play().push('a', app).planEnds('app', { kind: 'no-changes', digest: '0' }),
  'awaiting-approval': () => new Play().push('a', app).planned('app').ticketOpens().presented(),
  rejected: () => new Play().push('a', app).planned('app').ticketOpens().presented().ticketMoves('rejected'),
  expired: () => new Play().push('a', app).planned('app').ticketOpens().presented().expires('app'),
  gating: () => new Play().approved(app),
  blocked: () => new Play().approved(app).judged('app', false),
  ready: () => new Play().approved(onCommand).judged('app', true),
  queued: () => new Play().approved(app).judged('app', true),
  applying: () => new Play().applying('app', app),
  'apply-failed': () => new Play().applying('app', app).ended('app', 'aborted'),
  'apply-interrupted': () => new Play().applying('app', app).lost('app'),
  applied: () => new Play().applying('app', app).ended('app', 'succeeded'),
  released: () => new Play().applying('app', app).ended('app', 'succeeded').tagged(),
  'applied-unmerged': () => new Play().applying('app', app).ended('app', 'succeeded').tagged().mergeRefused(),
  merged: () => new Play().approved(app).mergeRequestIs('merged'),
  closed: () => new Play().approved(app).mergeRequestIs('closed'),
  cancelled: () => new Play().push('a', app).says(peter, { verb: 'cancel' }),
};

/** What an operator who is not the requester is answered: done, or why not. */
const ANSWERS: Record<string, Record<'plan' | 'apply' | 'cancel' | 'unlock', string>> = {
  new: {
    plan: 'accepted',
    apply: 'nothing-to-apply not-approved',
    cancel: 'nothing-to-cancel',
    unlock: 'unknown-project',
  },
  'opening-ticket': {
    plan: 'nothing-to-plan',
    apply: 'waiting',
    cancel: 'accepted',
    unlock: 'not-held',
  },
  planning: { plan: 'accepted', apply: 'waiting', cancel: 'accepted', unlock: 'not-held' },
  held: { plan: 'accepted', apply: 'not-approved', cancel: 'accepted', unlock: 'not-held' },
  'plan-failed': { plan: 'accepted', apply: 'not-approved', cancel: 'accepted', unlock: 'not-held' },
  'no-changes': { plan: 'accepted', apply: 'nothing-to-apply', cancel: 'accepted', unlock: 'not-held' },
  'awaiting-approval': { plan: 'accepted', apply: 'accepted', cancel: 'accepted', unlock: 'not-held' },
  rejected: { plan: 'accepted', apply: 'not-approved', cancel: 'accepted', unlock: 'not-held' },
  expired: { plan: 'accepted', apply: 'not-approved', cancel: 'accepted', unlock: 'not-held' },
  gating: { plan: 'accepted', apply: 'accepted', cancel: 'accepted', unlock: 'not-held' },
  blocked: { plan: 'accepted', apply: 'accepted', cancel: 'accepted', unlock: 'not-held' },
  ready: { plan: 'accepted', apply: 'accepted', cancel: 'accepted', unlock: 'not-held' },
  queued: { plan: 'attempt-running', apply: 'already-applying', cancel: 'accepted', unlock: 'not-held' },
  applying: {
    plan: 'waiting',
    apply: 'already-applying',
    cancel: 'accepted',
    unlock: 'attempt-running',
  },
  'apply-failed': {
    plan: 'accepted',
    apply: 'nothing-to-apply',
    cancel: 'nothing-to-cancel',
    unlock: 'accepted',
  },
  'apply-interrupted': {
    plan: 'attempt-running',
    apply: 'attempt-running',
    cancel: 'attempt-running',
    unlock: 'attempt-running',
  },
  applied: {
    plan: 'nothing-to-plan',
    apply: 'nothing-to-apply',
    cancel: 'nothing-to-cancel',
    unlock: 'accepted',
  },
  released: {
    plan: 'nothing-to-plan',
    apply: 'nothing-to-apply',
    cancel: 'nothing-to-cancel',
    unlock: 'accepted',
  },
  'applied-unmerged': {
    plan: 'nothing-to-plan',
    apply: 'nothing-to-apply',
    cancel: 'nothing-to-cancel',
    unlock: 'accepted',
  },
  merged: {
    plan: 'change-is-over',
    apply: 'change-is-over',
    cancel: 'change-is-over',
    unlock: 'not-held',
  },
  closed: {
    plan: 'change-is-over',
    apply: 'change-is-over',
    cancel: 'change-is-over',
    unlock: 'not-held',
  },
  cancelled: { plan: 'accepted', apply: 'nothing-to-apply', cancel: 'nothing-to-cancel', unlock: 'not-held' },
};

test('no more than twenty commands wait for their turn', () => {
  const play = AT['planning']?.() ?? new Play();
  for (let i = 0; i < 20; i++) expect(play.says(olga, { verb: 'apply' }).answer()?.kind).toBe('waiting');
  expect(play.says(olga, { verb: 'apply' }).answer()).toMatchObject({
    kind: 'refused',
    refusals: [{ code: 'too-many' }],
  });
});

describe('every command is answered at every status', () => {
  test.each(Object.entries(AT))('%s', (status, begin) => {
    const given = (command: Command) => {
      const answer = begin().says(olga, command).answer();
      return answer?.kind === 'refused' ? answer.refusals.map(({ code }) => code).join(' ') : answer?.kind;
    };
    expect({
      plan: given({ verb: 'plan' }),
      apply: given({ verb: 'apply' }),
      cancel: given({ verb: 'cancel' }),
      unlock: given({ verb: 'unlock', project: 'app', reason: 'looked' }),
    }).toEqual(ANSWERS[status]);
    expect(given({ verb: 'help' })).toBe('help');
    expect(given({ verb: 'unknown', text: 'countersign aply' })).toBe('unknown-command');
  });

  test('to say how an apply ended is for an interrupted one only', () => {
    for (const [status, begin] of Object.entries(AT)) {
      const play = begin().says(olga, { verb: 'resolve', project: 'app', as: 'applied', reason: 'looked' });
      const answer = play.answer()?.kind ?? play.asked('resolve-attempt')[0]?.type;
      expect([status, answer]).toEqual([
        status,
        status === 'apply-interrupted' ? 'resolve-attempt' : 'refused',
      ]);
    }
  });
});

describe('who may', () => {
  test('a stranger may do nothing, and is told so', () => {
    const play = new Play().approved(db).judged('db', true);
    for (const verb of ['plan', 'cancel'] as const)
      expect(play.says(stranger, { verb }).refusals()).toEqual(['not-a-member']);
    expect(play.says(stranger, { verb: 'apply' }).refusals()).toEqual(['not-an-operator']);
    expect(play.statuses()).toEqual({ db: 'ready' });
  });

  test('the requester may not apply their own change, operator or not', () => {
    const play = new Play().approved(db).judged('db', true).says(mara, { verb: 'apply' });
    expect(play.refusals()).toEqual(['operator-is-requester']);
  });

  test('an apply before the approval by somebody who may not is refused with every reason at once', () => {
    const play = new Play()
      .push('a', db)
      .planned('db')
      .says({ ...mara, roles: [] }, { verb: 'apply' });
    expect(play.refusals()).toEqual(['not-an-operator', 'operator-is-requester', 'not-approved']);
  });

  test('only an operator interrupts, unlocks and resolves', () => {
    const play = new Play().applying('app', app);
    expect(play.says(peter, { verb: 'cancel' }).refusals()).toEqual(['not-an-operator']);
    expect(play.says(otto, { verb: 'cancel' }).asked('interrupt-apply')).toEqual([
      { type: 'interrupt-apply', attemptId: play.attemptOf('app') },
    ]);
    const refused = play.says(peter, { verb: 'resolve', project: 'app', as: 'applied', reason: 'looked' });
    expect(refused.refusals()).toEqual(['not-an-operator', 'not-interrupted']);
  });
});

describe('an apply command', () => {
  test('is told what the gates said', () => {
    const play = new Play().approved(db).judged('db', true).says(olga, { verb: 'apply' });
    expect(play.answer()).toEqual({ kind: 'accepted', doing: 'the gates are being asked' });
    play.judged('db', false);
    expect(play.answer()).toMatchObject({
      kind: 'refused',
      refusals: [{ code: 'gates-closed', gates: [{ gate: 'mergeable' }] }],
    });
  });

  test('is told how it ended', () => {
    const play = new Play().approved(db).judged('db', true).says(olga, { verb: 'apply' });
    play.judged('db', true).claimed('db').ended('db', 'succeeded');
    expect(play.asked('answer-command')).toMatchObject([
      { noteId: 1, outcome: { kind: 'done', results: [{ project: 'db', status: 'applied' }] } },
    ]);
  });

  test('beside another is refused, and the first one goes on', () => {
    const play = new Play().approved(db).judged('db', true).says(olga, { verb: 'apply' });
    expect(play.says(otto, { verb: 'apply' }).refusals()).toEqual(['already-applying']);
    play.judged('db', true);
    expect(play.asked('run-apply')).toHaveLength(1);
    expect(play.project('db')).toMatchObject({ command: { by: olga } });
  });

  test('of several projects leaves those alone that are applied', () => {
    const play = new Play().approved(app, db).judged('app', true).judged('db', true).claimed('app');
    play.ended('app', 'succeeded').says(olga, { verb: 'apply' });
    expect(play.answer()).toMatchObject({ kind: 'accepted' });
    expect(play.statuses()).toEqual({ app: 'applied', db: 'gating' });
  });
});

describe('a command that waits while new commits come', () => {
  const waiting = () => {
    const play = new Play().push('a', db).says(olga, { verb: 'apply' });
    expect(play.answer()?.kind).toBe('waiting');
    return play;
  };

  test('is refused where it is one to apply: it was for the commits that were there, and whoever gave it is told', () => {
    const play = waiting().push('b', db);
    expect(play.change.waiting).toEqual([]);
    expect(play.asked('answer-command')).toMatchObject([
      {
        noteId: 1,
        outcome: {
          kind: 'refused',
          refusals: [{ code: 'stale', reason: expect.stringContaining('revision 2') }],
        },
      },
    ]);
    play.planned('db').ticketOpens().presented().ticketMoves('approved').judged('db', true);
    expect(play.statuses()).toEqual({ db: 'ready' });
  });

  test('stands where they are the commits that it was given for, and where it asks for a plan only', () => {
    const play = waiting().push('a', db).planned('db');
    expect(play.answer()).toMatchObject({ kind: 'accepted' });
    const applying = new Play().applying('app', app).says(peter, { verb: 'plan' }).push('b', app);
    expect(applying.change.waiting).toMatchObject([{ command: { verb: 'plan' } }]);
    expect(applying.ended('app', 'succeeded').asked('answer-command')).toHaveLength(1);
  });
});

test('a cancelled change is void on its ticket, and a plan starts it again', () => {
  const play = new Play().approved(app).judged('app', true).says(peter, { verb: 'cancel' });
  expect(play.statuses()).toEqual({ app: 'cancelled' });
  expect(play.asked('withdraw-ticket')).toHaveLength(1);
  expect(play.entries()).toEqual(['approval-voided']);
  play.says(peter, { verb: 'plan' }).planned('app');
  expect(play.review()).toBe('presenting');
});

test('a hold given back from the command line is gone; one that may be running stays', () => {
  const release = { type: 'hold-released', project: 'app', by: { cli: 'olga' }, reason: 'moved' } as const;
  const play = new Play().applying('app', app).record(release);
  expect(play.change.holds).toHaveLength(1);
  play.ended('app', 'succeeded').record(release);
  expect(play.change.holds).toEqual([]);
  expect(play.asked('tell-waiting')).toEqual([{ type: 'tell-waiting', projects: ['app'] }]);
});

describe('a command that is reserved for others', () => {
  const fin = target('fin');
  const barred = (unseen?: string) => ({
    ...peter,
    barred: [
      {
        verb: 'plan',
        needs: 'members of infra/operators',
        projects: ['fin/**'],
        ...(unseen === undefined ? {} : { unseen }),
      },
    ],
  });

  test('is refused in the projects it is reserved in, and obeyed in others', () => {
    const play = new Play().push('a', app, fin);
    play.says(barred(), { verb: 'plan', select: { project: 'app' } });
    expect(play.refusals()).toEqual([]);
    play.says(barred(), { verb: 'plan' });
    expect(play.last.refusals).toEqual([
      {
        code: 'not-permitted',
        reason: 'here this is reserved for members of infra/operators, and @peter is not among them',
        remedy: 'ask one of them to comment',
      },
    ]);
  });

  test('is refused where nobody could see who may give it, and says so', () => {
    const play = new Play().push('a', fin).says(barred('GitLab does not show it to us'), { verb: 'plan' });
    expect(play.last.refusals[0]?.reason).toBe(
      'here this is reserved for members of infra/operators, and whether @peter is among them is not known: GitLab does not show it to us',
    );
  });

  test('is refused while nobody knows which projects it is about', () => {
    expect(new Play().says(barred(), { verb: 'plan' }).refusals()).toEqual(['not-permitted']);
  });
});

test('a command that waited takes back, like one that did not, what was on its way on an approval that is gone by it', () => {
  const play = new Play().approved(app, target('fin'), target('web'));
  play.judged('app', true).claimed('app').says(peter, { verb: 'plan' });
  play.judged('fin', true).judged('web', false);
  expect(play.statuses()).toEqual({ app: 'applying', fin: 'applying', web: 'blocked' });
  play.ended('app', 'succeeded');
  expect(play.statuses()).toEqual({ app: 'applied', fin: 'awaiting-approval', web: 'planning' });
});
