import { describe, expect, test } from 'vitest';
import { changeStatus } from '#domain/change-status.ts';
import { DEFAULT_DEMAND } from '#domain/demand.ts';
import type { ProjectTarget } from '#domain/project.ts';
import * as facts from './facts.ts';
import { BOT, MANDATE, olga, peter, target } from './facts.ts';
import { Play } from './play.ts';

const STANDARD = { ...DEFAULT_DEMAND, tier: 'standard', standing: true as const };

/** Everything up to the ticket of plans that may be approved in advance. */
function planned(play: Play, ...projects: ProjectTarget[]): Play {
  play.push('a', ...projects);
  for (const { key } of projects) planOf(play, key);
  return play.change.ticket.status === 'opening' ? play.ticketOpens() : play;
}

function planOf(play: Play, key: string, demand = STANDARD, content = key): Play {
  const project = play.project(key);
  if (project.status !== 'planning') throw new Error(`${key} is ${project.status}`);
  const plan = facts.planRef(project.planRunId, play.change.revision?.headSha ?? '', content);
  return play.planEnds(key, { kind: 'planned', plan: { ...plan, demand } });
}

function prepared(play: Play): Play {
  const { key, review } = facts.openTicketOf(play.change.ticket);
  if (review.status !== 'presenting') throw new Error(`the review is ${review.status}`);
  const { round, tupleHash } = review;
  return play.record({ type: 'ticket-prepared', key, round, tupleHash });
}

/** The gates answer, by the mandate where they say yes. */
function judged(play: Play, key: string, go: boolean, verdictRefused?: string): Play {
  const found = {
    ...(go ? { mandate: MANDATE } : {}),
    ...(verdictRefused === undefined ? {} : { verdictRefused }),
  };
  return play.record(play.looked(key, go, found));
}

const WHY = 'no standing approval covers this change: there is none';

describe('a change of which everything is approved in advance', () => {
  test('gets its ticket, which says what is going to be done, and nobody is asked: the gates are, to apply', () => {
    const play = planned(new Play(), target('app'));
    expect([play.review(), play.asked('present-ticket')]).toEqual([
      'presenting',
      [{ type: 'present-ticket' }],
    ]);
    prepared(play);
    expect([play.review(), play.project('app')]).toMatchObject([
      'standing',
      { status: 'gating', purpose: { kind: 'apply' } },
    ]);
    judged(play, 'app', true);
    expect(play.asked('run-apply')).toHaveLength(1);
    play.claimed('app');
    expect(play.entries()).toEqual(['mandate-used']);
    expect(play.last.entries[0]?.details).toEqual({
      ...MANDATE,
      project: 'app',
      reference: play.attemptOf('app'),
    });
    play.ended('app', 'succeeded').tagged().merged();
    expect(changeStatus(play.change)).toBe('merged');
    expect(play.change.ticket).toMatchObject({ status: 'closed', outcome: 'done', mandate: MANDATE });
  });

  test('waits for an operator where an operator says when', () => {
    const play = prepared(planned(new Play(), target('app', { applyOn: 'command' })));
    judged(play, 'app', true);
    expect(play.statuses()).toEqual({ app: 'ready' });
    play.says(olga, { verb: 'apply' });
    judged(play, 'app', true);
    expect(play.asked('run-apply')).toHaveLength(1);
  });

  test('goes to review with the reason where no standing approval covers it, and stays there for that plan', () => {
    const play = judged(prepared(planned(new Play(), target('app'))), 'app', false, WHY);
    expect(play.entries()).toEqual(['verdict-refused', 'approval-voided']);
    const { review } = facts.openTicketOf(play.change.ticket);
    expect(review).toMatchObject({ status: 'presenting', round: 2, why: WHY, notCovered: true });
    expect(review).not.toHaveProperty('inAdvance');
    play.presented();
    expect([play.review(), play.statuses()]).toEqual(['in-review', { app: 'awaiting-approval' }]);

    // The same plan once more is no reason to pass by the approver who is looking at it.
    play.says(peter, { verb: 'plan' });
    planOf(play, 'app');
    expect(play.review()).toBe('in-review');
    play.ticketMoves('approved');
    expect(play.statuses()).toEqual({ app: 'gating' });
  });

  test('that an approver rejected is not let through by planning it again, whatever the plan then says', () => {
    const play = judged(prepared(planned(new Play(), target('app'))), 'app', false, WHY);
    play.presented().ticketMoves('rejected').says(peter, { verb: 'plan' });
    planOf(play, 'app', STANDARD, 'another');
    const { review } = facts.openTicketOf(play.change.ticket);
    expect(review).toMatchObject({ status: 'presenting' });
    expect(review).not.toHaveProperty('inAdvance');
  });

  describe('to which somebody said no', () => {
    const app = target('app');
    /** Whether somebody is about to be asked; `false` when the gates are. */
    const asksSomebody = (play: Play) => {
      const { review } = facts.openTicketOf(play.change.ticket);
      return review.status === 'presenting' && review.inAdvance !== true;
    };
    const notCovered = () => judged(prepared(planned(new Play(), app)), 'app', false, WHY).presented();
    const moved = (play: Play) => {
      const begun = play.readingBegun();
      const moves = [facts.move('m1', 'requested', 'rejected', 'account-of-eve')];
      return play.record({ ...begun, reading: { ...begun.reading, status: 'rejected', moves } });
    };
    const found = (play: Play) => {
      const why = 'CHG-1: eve rejected it, and nobody approved it since';
      return play.record(play.looked('app', false, { verdictRefused: why, disputed: true }));
    };
    const draftForAMoment = (play: Play) => {
      const { contents: _, ...rest } = facts.reading(facts.sha('a'), [app]).reading;
      const notAdmitted = { code: 'draft', reason: 'it is a draft' };
      play.record({ type: 'merge-request-read', reading: { ...rest, notAdmitted } });
      return planOf(play.push('a', app).says(peter, { verb: 'plan' }), 'app');
    };

    test.each([
      ['rejected by an approver', () => notCovered().ticketMoves('rejected')],
      ['moved by somebody who was not asked', () => moved(prepared(planned(new Play(), app)))],
      ['whose gates found that somebody had rejected it', () => found(prepared(planned(new Play(), app)))],
    ])('is asked about, %s: after a draft, after an empty commit, and on another ticket', (_, disputed) => {
      expect(asksSomebody(draftForAMoment(disputed()))).toBe(true);
      expect(asksSomebody(planOf(disputed().push('b', app), 'app'))).toBe(true);
      const again = disputed().push('b', app).planEnds('app', { kind: 'no-changes', digest: '0' });
      expect(asksSomebody(planOf(again.push('c', app), 'app').ticketOpens())).toBe(true);
    });

    test('goes in advance again once a person’s approval counted, and not by one that does not count', () => {
      const play = planOf(notCovered().ticketMoves('rejected').says(peter, { verb: 'plan' }), 'app');
      play.presented().ticketMoves('approved', 'account-of-the-requester');
      judged(play, 'app', false, 'the approver asked for the change');
      expect(asksSomebody(planOf(play.push('b', app), 'app'))).toBe(true);
      play.presented().ticketMoves('approved').judged('app', true);
      planOf(play.push('c', app), 'app');
      expect(asksSomebody(play)).toBe(false);
    });
  });

  test('whose standing approval ended while it waited for its turn is judged under the one that covers it now', () => {
    const other = { ...MANDATE, id: 'man2', key: 'CHG-91' };
    const play = prepared(planned(new Play(), target('app'), target('db')));
    const ofDb = play.looked('db', true, { mandate: other, approval: { kind: 'standing', mandate: 'man2' } });
    const approval = { kind: 'standing', mandate: MANDATE.id } as const;
    play.record(play.looked('app', true, { mandate: MANDATE, approval }));
    expect(play.project('app')).toMatchObject({ status: 'applying', approval });
    play.record(ofDb);
    expect(play.statuses()).toEqual({ app: 'gating', db: 'applying' });
  });

  test('is asked about like any other once one plan of it is of another tier', () => {
    const play = new Play();
    play.push('a', target('app'), target('db'));
    planOf(play, 'app');
    planOf(play, 'db', { ...DEFAULT_DEMAND } as typeof STANDARD);
    play.ticketOpens();
    const { review } = facts.openTicketOf(play.change.ticket);
    expect(review).not.toHaveProperty('inAdvance');
    play.presented();
    expect(play.review()).toBe('in-review');
  });

  test('starts over with a push: the gates look again, and what they said before lets nothing through', () => {
    const play = judged(prepared(planned(new Play(), target('app', { applyOn: 'command' }))), 'app', true);
    expect(play.statuses()).toEqual({ app: 'ready' });
    play.push('b', target('app', { applyOn: 'command' }));
    expect([play.review(), play.entries()]).toEqual([
      'withdrawn',
      expect.arrayContaining(['approval-voided']),
    ]);
    planOf(play, 'app');
    expect(play.review()).toBe('presenting');
    prepared(play);
    expect(play.statuses()).toEqual({ app: 'gating' });
  });

  test('asks somebody once its ticket is moved or bound to something else by anybody but us', () => {
    for (const disturbed of [
      { status: 'rejected', moves: [facts.move('m1', 'requested', 'rejected', 'account-of-eve')] },
      { boundTuple: 'another' },
    ] as const) {
      const play = prepared(planned(new Play(), target('app')));
      const begun = play.readingBegun();
      play.record({ ...begun, reading: { ...begun.reading, status: 'requested', moves: [] } });
      expect(play.review()).toBe('standing');
      const reading = { ...begun.reading, status: 'requested', moves: [], ...disturbed } as const;
      play.record({ ...begun, reading });
      expect([play.review(), play.asked('present-ticket').length]).toEqual(['presenting', 1]);
      expect(play.statuses()).toEqual({ app: 'awaiting-approval' });
    }
  });

  test('may be applying already: our own move there disturbs nobody', () => {
    const play = prepared(planned(new Play(), target('app')));
    judged(play, 'app', true).claimed('app');
    const begun = play.readingBegun();
    const moves = [facts.move('m1', 'requested', 'applying', BOT)];
    play.record({ ...begun, reading: { ...begun.reading, status: 'applying', moves } });
    expect(play.review()).toBe('standing');
  });

  test('carries a later wave in the same way, on the same ticket', () => {
    const app = target('app');
    const web = target('web', { wave: 1, after: ['app'] });
    const play = prepared(planned(new Play(), app, web));
    judged(play, 'app', true).claimed('app').ended('app', 'succeeded');
    planOf(play, 'web', STANDARD, 'web, differently');
    expect(facts.openTicketOf(play.change.ticket).review).toMatchObject({
      status: 'presenting',
      inAdvance: true,
    });
    prepared(play);
    judged(play, 'web', true).claimed('web').ended('web', 'succeeded').tagged();
    expect(changeStatus(play.change)).toBe('released');
  });
});

describe('granted operator rights', () => {
  const adam = { ...peter, grants: [{ mandate: MANDATE, projects: ['app'] }] };

  test('are an operator’s for their projects: the command counts, and its use is entered with the attempt', () => {
    const play = new Play().approved(target('app', { applyOn: 'command' }));
    play.judged('app', true).says(adam, { verb: 'apply' });
    expect(play.answer()).toMatchObject({ kind: 'accepted' });
    play.judged('app', true).claimed('app');
    expect(play.last.entries).toEqual([
      { type: 'mandate-used', details: { ...MANDATE, project: 'app', reference: play.attemptOf('app') } },
    ]);
  });

  test('are nobody’s for other projects, and whoever has them is told for which they are', () => {
    const command = { applyOn: 'command' } as const;
    const play = new Play().approved(target('app', command), target('db', command));
    play.says(adam, { verb: 'apply' });
    expect(play.last.refusals).toMatchObject([
      { code: 'not-an-operator', reason: '@peter has operator rights for app only' },
    ]);
    play.says(adam, { verb: 'apply', select: { project: 'app' } });
    expect(play.answer()).toMatchObject({ kind: 'accepted' });
  });

  test('give back a quarantined project, and that is entered too', () => {
    const play = new Play().applying('app', target('app')).lost('app').resolved('app', 'not-applied');
    play.says(adam, { verb: 'unlock', project: 'app', reason: 'looked' });
    expect(play.entries()).toEqual(['mandate-used']);
    expect(play.last.entries[0]?.details).toMatchObject({ project: 'app', reference: 'note-1' });
  });
});
