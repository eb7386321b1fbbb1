import { describe, expect, test } from 'vitest';
import { DEFAULT_DEMAND } from '#domain/demand.ts';
import { BOT, olga, openTicketOf, peter, planRef, reading, sha, target } from './facts.ts';
import { Play } from './play.ts';

const app = target('app');
const db = target('db', { applyOn: 'command' });
const web = target('web', { declaresApprovalId: true });

describe('from the merge request to the review', () => {
  test('every touched project is planned, each in its own run', () => {
    const play = new Play().push('a', app, db);
    expect(play.statuses()).toEqual({ app: 'planning', db: 'planning' });
    expect(play.asked('run-plan').map(({ project, planRunId }) => [project, planRunId])).toEqual([
      ['app', 'chg.p1'],
      ['db', 'chg.p2'],
    ]);
    expect(play.entries()).toEqual(['revision-opened']);
  });

  test('a project that wants the approval number waits for its ticket, and no other does', () => {
    const play = new Play().push('a', app, web);
    expect(play.statuses()).toEqual({ app: 'planning', web: 'opening-ticket' });
    play.ticketOpens();
    expect(play.statuses()).toEqual({ app: 'planning', web: 'planning' });
    expect(play.asked('run-plan')).toHaveLength(1);
  });

  test('others get their ticket with the first plan that has changes, once all are planned', () => {
    const play = new Play().push('a', app, db).planned('app');
    expect(play.asked('open-ticket')).toEqual([]);
    play.planned('db');
    expect(play.asked('open-ticket')).toEqual([{ type: 'open-ticket', number: 1 }]);
    play.ticketOpens();
    expect(play.asked('present-ticket')).toHaveLength(1);
  });

  test('a plan without changes is nothing to approve, and its ticket is closed as that', () => {
    const play = new Play().push('a', web).ticketOpens().planEnds('web', { kind: 'no-changes', digest: '0' });
    expect(play.asked('close-ticket')).toMatchObject([{ outcome: 'no-changes' }]);
    expect(play.statuses()).toEqual({ web: 'no-changes' });
  });

  test('a project that wants the approval number waits for the next ticket when its own has ended', () => {
    const play = new Play().push('a', web).ticketOpens().planEnds('web', { kind: 'no-changes', digest: '0' });
    play.says(peter, { verb: 'plan' });
    expect(play.statuses()).toEqual({ web: 'opening-ticket' });
    expect(play.asked('run-plan')).toEqual([]);
    expect(play.asked('open-ticket')).toEqual([{ type: 'open-ticket', number: 2, previous: 'CHG-1' }]);
  });

  test('nobody is asked for an approval while a plan has failed, and another plan heals it', () => {
    const play = new Play().push('a', app, db).planned('app');
    play.planEnds('db', { kind: 'failed', reason: 'a typing error' });
    expect(play.statuses()).toEqual({ app: 'awaiting-approval', db: 'plan-failed' });
    expect(play.change.ticket.status).toBe('none');
    play.says(peter, { verb: 'plan' }).planned('app').planned('db');
    expect(play.asked('open-ticket')).toHaveLength(1);
  });

  test('the result of a plan run that was given up says nothing', () => {
    const play = new Play().push('a', app);
    const [given] = play.asked('run-plan');
    play.says(peter, { verb: 'plan' });
    expect(play.asked('stop-plan')).toEqual([{ type: 'stop-plan', planRunId: given?.planRunId }]);
    play.record({
      type: 'plan-run-ended',
      project: 'app',
      planRunId: given?.planRunId ?? '',
      outcome: { kind: 'no-changes', digest: '0' },
      isolation: 'uid',
    });
    expect(play.statuses()).toEqual({ app: 'planning' });
  });
});

describe('the decision', () => {
  test('an approval makes the gates be asked: to apply where that goes by itself, to report elsewhere', () => {
    const play = new Play().approved(app, db);
    expect(play.review()).toBe('approved');
    expect(play.asked('collect-evidence')).toHaveLength(1);
    expect(play.project('app')).toMatchObject({ status: 'gating', purpose: { kind: 'apply' } });
    expect(play.project('db')).toMatchObject({ status: 'gating', purpose: { kind: 'report' } });
  });

  test('an approval that is read twice is one approval', () => {
    const play = new Play().approved(app);
    const gating = play.change;
    expect(play.ticketIsRead().change).toEqual(gating);
    expect(play.last.effects).toEqual([]);
  });

  test('our own move to Approved is no approval: the ticket goes back to review, with the reason', () => {
    const play = new Play().push('a', app).planned('app').ticketOpens().presented();
    play.ticketMoves('approved', BOT);
    expect(play.entries()).toEqual(['verdict-refused']);
    expect(play.review()).toBe('presenting');
  });

  test('an approval taken back before the claim stops what was queued', () => {
    const play = new Play().approved(app).judged('app', true);
    expect(play.statuses()).toEqual({ app: 'applying' });
    play.ticketMoves('in-review');
    expect(play.statuses()).toEqual({ app: 'awaiting-approval' });
    expect(play.review()).toBe('presenting');
  });

  test('gates that answer after the approval was taken back start nothing', () => {
    const play = new Play().approved(app);
    const answer = play.looked('app', true);
    play.ticketMoves('in-review').record(answer);
    expect(play.asked('run-apply')).toEqual([]);
    expect(play.statuses()).toEqual({ app: 'awaiting-approval' });
  });

  test('a rejection stops everything, and another plan asks the approver again', () => {
    const play = new Play().push('a', app, db).planned('app').planned('db').ticketOpens().presented();
    play.ticketMoves('rejected');
    expect(play.statuses()).toEqual({ app: 'rejected', db: 'rejected' });
    play.says(peter, { verb: 'plan' }).planned('app').planned('db');
    expect(play.review()).toBe('presenting');
  });

  test('an approval that can never count goes back to review, and starts no other project of the change', () => {
    const play = new Play().approved(app, target('biz'));
    const verdictRefused = 'the approver wrote a commit of this change';
    const both = [play.looked('app', true), play.looked('biz', false, { verdictRefused })];
    play.record({ type: 'gates-evaluated', verdicts: both.flatMap(({ verdicts }) => verdicts) });
    expect(play.asked('run-apply')).toEqual([]);
    expect(play.asked('present-ticket')).toHaveLength(1);
    expect(play.entries()).toEqual(['verdict-refused', 'approval-voided']);
    expect(play.statuses()).toEqual({ app: 'awaiting-approval', biz: 'awaiting-approval' });
  });

  test('a ticket that is gone voids what was decided there, and another is opened in its place', () => {
    const play = new Play().approved(app).judged('app', false);
    const { key } = openTicketOf(play.change.ticket);
    const gone = { status: 'other', moves: [], boundTuple: undefined, exists: false, digest: '0' } as const;
    play.record({ type: 'ticket-read', bot: BOT, during: '', reading: { key, ...gone } });
    expect(play.statuses()).toEqual({ app: 'awaiting-approval' });
    expect(play.asked('open-ticket')).toEqual([{ type: 'open-ticket', number: 2, previous: 'CHG-1' }]);
  });
});

test('what was said to those who are waited for is looked at when the review is over, where anything is said', () => {
  const presented = (remindAfterSeconds?: number) => {
    const play = new Play().push('a', app);
    const { planRunId } = play.project('app') as { planRunId: string };
    const demand = { ...DEFAULT_DEMAND, ...(remindAfterSeconds === undefined ? {} : { remindAfterSeconds }) };
    const plan = { ...planRef(planRunId, sha('a'), 'app'), demand };
    return play.planEnds('app', { kind: 'planned', plan }).ticketOpens().presented();
  };
  expect(presented().ticketMoves('approved').asked('remind-approvers')).toEqual([]);
  expect(presented(60).asked('remind-approvers')).toEqual([]);
  expect(presented(60).ticketMoves('approved').asked('remind-approvers')).toHaveLength(1);
  expect(presented(60).push('b', app).asked('remind-approvers')).toHaveLength(1);
});

describe('a reading of the ticket that was begun earlier', () => {
  test('says nothing of the review that was opened meanwhile, whose approval stands', () => {
    const play = new Play().push('a', app).planned('app').ticketOpens();
    const early = play.readingBegun();
    play.presented().record(early);
    expect(play.entries()).toEqual([]);
    expect(play.asked('present-ticket')).toEqual([]);
    expect(play.asked('read-ticket')).toHaveLength(1);
    expect(play.ticketMoves('approved').statuses()).toEqual({ app: 'gating' });
  });

  test('does not take back an approval that was read before it', () => {
    const play = new Play().push('a', app).planned('app').ticketOpens().presented();
    const early = play.readingBegun();
    play.ticketMoves('approved').record(early);
    expect(play.review()).toBe('approved');
    expect(play.asked('read-ticket')).toHaveLength(1);
  });
});

describe('another plan', () => {
  test('an equal one keeps the approval, and says so in the log', () => {
    const play = new Play().approved(app).judged('app', false);
    play.says(peter, { verb: 'plan' }).planned('app');
    expect(play.entries()).toEqual(['plan-rebound']);
    expect(play.review()).toBe('approved');
    expect(play.statuses()).toEqual({ app: 'gating' });
  });

  test('a differing one voids the approval and goes in front of the approver', () => {
    const play = new Play().approved(app).judged('app', false);
    play.says(peter, { verb: 'plan' }).planned('app', 'app, and something else');
    expect(play.entries()).toEqual(['approval-voided']);
    expect(play.review()).toBe('presenting');
    expect(play.statuses()).toEqual({ app: 'awaiting-approval' });
  });

  test('an approval of the plans before them says nothing of plans that are still being made anew', () => {
    const play = new Play().push('a', app, db).planned('app').planned('db').ticketOpens().presented();
    play.says(peter, { verb: 'plan' }).planned('app', 'app, and something else').ticketMoves('approved');
    expect(play.asked('collect-evidence')).toEqual([]);
    expect(play.says(olga, { verb: 'apply' }).answer()?.kind).toBe('waiting');
    play.planned('db');
    expect(play.review()).toBe('presenting');
    play.judged('app', true);
    expect(play.asked('run-apply')).toEqual([]);
  });

  test('the approval carries over when all of them turn out equal', () => {
    const play = new Play().push('a', app, db).planned('app').planned('db').ticketOpens().presented();
    play.says(peter, { verb: 'plan' }).planned('app').ticketMoves('approved').planned('db');
    expect(play.statuses()).toEqual({ app: 'gating', db: 'gating' });
  });

  test('an approval taken back while plans are made anew is gone', () => {
    const play = new Play().approved(app).judged('app', false).says(peter, { verb: 'plan' });
    play.ticketMoves('in-review');
    expect(play.review()).toBe('withdrawn');
    play.planned('app');
    expect(play.review()).toBe('presenting');
  });
});

describe('a push', () => {
  test('takes the ticket out of review at once, and the same ticket serves the new plan', () => {
    const play = new Play().approved(app).push('b', app);
    expect(play.asked('withdraw-ticket')).toHaveLength(1);
    expect(play.entries()).toEqual(['approval-voided', 'revision-opened']);
    expect(play.review()).toBe('withdrawn');
    play.planned('app', 'another one');
    expect(openTicketOf(play.change.ticket)).toMatchObject({
      key: 'CHG-1',
      review: { status: 'presenting' },
    });
  });

  test('stops the plans of the older head', () => {
    const play = new Play().push('a', app, db).planned('app').push('b', app, db);
    expect(play.asked('stop-plan')).toEqual([{ type: 'stop-plan', planRunId: 'chg.p2' }]);
    expect(play.change.revision).toMatchObject({ number: 2, headSha: sha('b') });
  });

  test('after an attempt has started under the ticket the next revision opens a new one, linked', () => {
    const play = new Play().applying('app', app).ended('app', 'failed-partial').push('b', app).planned('app');
    expect(play.asked('open-ticket')).toEqual([{ type: 'open-ticket', number: 2, previous: 'CHG-1' }]);
  });

  test('that is not admitted leaves nothing to approve, and its clearing opens a revision of its own number', () => {
    const play = new Play().push('a', app).planned('app').ticketOpens();
    const { contents: _, ...rest } = reading(sha('b'), []).reading;
    const notAdmitted = { code: 'draft', reason: 'it is a draft' };
    play.record({ type: 'merge-request-read', reading: { ...rest, notAdmitted } });
    expect(play.change.projects).toEqual([]);
    expect(play.change.notAdmitted?.reason).toBe('it is a draft');
    play.push('b', app);
    expect(play.change.revision?.number).toBe(2);
    expect(play.change.notAdmitted).toBeUndefined();
  });

  test('that was seen before is the same revision', () => {
    const play = new Play().approved(app);
    const { change } = play;
    expect(play.push('a', app).change).toEqual(change);
  });
});

describe('a tier that is graver by the time of the gates', () => {
  const why = 'it was planned as tier normal and is of tier high by now: it destroys 3 resources';
  const graver = (play: Play, key: string) => {
    return play.record(play.looked(key, false, { planAgain: why }));
  };
  const planned = (play: Play, key: string) => {
    const { planRunId } = play.project(key) as { planRunId: string };
    const demand = { ...DEFAULT_DEMAND, tier: 'high', rank: 1 };
    const plan = { ...planRef(planRunId, sha('a'), key), demand };
    return play.planEnds(key, { kind: 'planned', plan });
  };

  test('is planned and asked about again by itself, and what was approved for the lighter one is void', () => {
    const play = graver(new Play().approved(app, db), 'app');
    expect(play.statuses()).toEqual({ app: 'planning', db: 'awaiting-approval' });
    expect(play.last.entries).toMatchObject([{ type: 'approval-voided', details: { key: 'CHG-1', why } }]);
    expect(openTicketOf(play.change.ticket).review).toMatchObject({ status: 'withdrawn', why });
    expect(play.asked('withdraw-ticket')).toHaveLength(1);
    planned(play, 'app');
    expect(play.review()).toBe('presenting');
    expect(play.statuses()).toEqual({ app: 'awaiting-approval', db: 'awaiting-approval' });
    play.presented().ticketMoves('approved').judged('app', true);
    expect(play.statuses()).toMatchObject({ app: 'applying' });
  });

  test('is found by a command before anybody approved, and whoever gave it is told', () => {
    const play = new Play().push('a', app).planned('app').ticketOpens().presented();
    graver(play.says(olga, { verb: 'apply' }), 'app');
    expect(play.answer()).toMatchObject({ kind: 'refused', refusals: [{ code: 'gates-closed' }] });
    expect([play.statuses(), play.review()]).toEqual([{ app: 'planning' }, 'withdrawn']);
    expect(planned(play, 'app').review()).toBe('presenting');
  });

  test('waits for what runs, and is found once more after that', () => {
    const play = new Play().approved(app, db).judged('app', true).claimed('app');
    expect(graver(play, 'db').statuses()).toEqual({ app: 'applying', db: 'blocked' });
    play.ended('app', 'succeeded').surroundingsChange();
    expect(graver(play, 'db').statuses()).toEqual({ app: 'applied', db: 'planning' });
    planned(play, 'db');
    expect(play.asked('close-ticket')).toMatchObject([{ key: 'CHG-1', outcome: 'partial' }]);
    expect(play.asked('open-ticket')).toMatchObject([{ number: 2, previous: 'CHG-1' }]);
  });
});

test('a plan that nobody approved until it got too old closes its ticket, and another plan opens the next', () => {
  const play = new Play()
    .push('a', app, db)
    .planned('app')
    .planned('db')
    .ticketOpens()
    .presented()
    .expires('db');
  expect(play.asked('close-ticket')).toMatchObject([{ outcome: 'expired', key: 'CHG-1' }]);
  expect(play.statuses()).toEqual({ app: 'awaiting-approval', db: 'expired' });
  play.says(peter, { verb: 'plan' }).planned('app').planned('db');
  expect(play.asked('open-ticket')).toEqual([{ type: 'open-ticket', number: 2, previous: 'CHG-1' }]);
});

test('the expiry of a plan that was replaced means nothing', () => {
  const play = new Play().approved(app).judged('app', false);
  const old = play.project('app') as { plan: { planRunId: string } };
  play.says(peter, { verb: 'plan' }).planned('app');
  play.record({ type: 'plan-expired', project: 'app', planRunId: old.plan.planRunId });
  expect(play.statuses()).toEqual({ app: 'gating' });
});
