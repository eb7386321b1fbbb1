import { describe, expect, test } from 'vitest';
import { approvalInForce } from '#domain/approval.ts';
import { owedDebts } from '#domain/debts.ts';
import type { ProjectTarget } from '#domain/project.ts';
import { glassTerms, mara, olga, otto, peter, stranger, target } from './facts.ts';
import { Play } from './play.ts';

const app = target('app');
const db = target('db', { applyOn: 'command' });
const ASK = { verb: 'apply', breakGlass: 'customers are cut off' } as const;
const CONFIRM = { verb: 'confirm' } as const;

/** The plans are in front of the approver, who sleeps. */
function inReview(...projects: ProjectTarget[]): Play {
  const play = new Play().push('a', ...projects);
  for (const { key } of projects) play.planned(key);
  return play.ticketOpens().presented();
}

function broken(...projects: ProjectTarget[]): Play {
  return inReview(...projects)
    .inEmergency(olga, ASK)
    .inEmergency(otto, CONFIRM);
}

describe('breaking the glass', () => {
  test('takes an operator and a second person; the gates are then asked on behalf of the operator', () => {
    const play = inReview(app).inEmergency(olga, ASK);
    expect(play.statuses()).toEqual({ app: 'awaiting-approval' });
    expect(play.change.breakGlass).toMatchObject({
      status: 'asked',
      reason: ASK.breakGlass,
      projects: ['app'],
    });
    expect(play.entries()).toEqual(['break-glass-asked']);
    play.inEmergency(otto, CONFIRM);
    expect(play.project('app')).toMatchObject({
      status: 'gating',
      purpose: { kind: 'apply', command: { by: { username: 'olga' } } },
    });
    expect(play.entries()).toEqual(['break-glass-confirmed']);
    expect(approvalInForce(play.change, 'app')).toMatchObject({ kind: 'break-glass' });
    expect(play.judged('app', true).asked('run-apply')).toHaveLength(1);
  });

  test('is refused where nothing is provided for it', () => {
    expect(inReview(app).says(olga, ASK).refusals()).toEqual(['break-glass-off']);
    expect(inReview(app).says(otto, CONFIRM).refusals()).toEqual(['break-glass-off']);
  });

  test.each([
    ['somebody who is no operator', peter, {}, ['not-an-operator']],
    ['the requester', mara, {}, ['operator-is-requester']],
    ['somebody whom the directory does not know', { ...olga, person: undefined }, {}, ['unknown-person']],
    ['a folder that it is not provided for', olga, { projects: ['fin/**'] }, ['not-permitted']],
    ['whoever owes an approval there', olga, { blockWhileUnpaid: 'project' }, ['debt-unpaid']],
    [
      'whoever owes an approval elsewhere, where that blocks',
      olga,
      { blockWhileUnpaid: 'all' },
      ['debt-unpaid'],
    ],
  ] as const)('is refused to %s', (_, by, terms, refusals) => {
    const unpaid = [
      { changeId: 'chg9', key: 'CHG-9', repository: 1, projects: ['app'], due: '2026-11-01T00:00:00Z' },
    ];
    const { person, ...rest } = by;
    const asker = person === undefined ? rest : { ...rest, person };
    const play = inReview(app).inEmergency(asker, ASK, glassTerms({ unpaid, ...terms }));
    expect(play.refusals()).toEqual(refusals);
    expect(play.change.breakGlass).toBeUndefined();
  });

  test('by the requester is possible where four-eyes may be waived; the gate then looks for somebody without a part', () => {
    const terms = glassTerms({ waives: ['ticket-approved', 'approver-allowed', 'four-eyes'] });
    expect(inReview(app).inEmergency(mara, ASK, terms).refusals()).toEqual([]);
  });

  test('asked for by one is not replaced by another who asks: a confirmation is of what was read', () => {
    const play = inReview(app).inEmergency(olga, ASK);
    const other = { verb: 'apply', breakGlass: 'something else' } as const;
    expect(play.inEmergency(otto, other).refusals()).toEqual(['already-applying']);
    expect(play.change.breakGlass).toMatchObject({ reason: ASK.breakGlass, by: { username: 'olga' } });
    expect(play.inEmergency(olga, other).refusals()).toEqual([]);
    expect(play.change.breakGlass).toMatchObject({ reason: 'something else' });
  });

  test('is never confirmed by whoever asked, under another account neither, nor by somebody who may not', () => {
    const play = inReview(app).inEmergency(olga, ASK);
    expect(play.inEmergency(olga, CONFIRM).refusals()).toEqual(['confirmer-is-operator']);
    const second = { ...olga, gitlabId: 77, username: 'olga-private' };
    expect(play.inEmergency(second, CONFIRM).refusals()).toEqual(['confirmer-is-operator']);
    expect(play.inEmergency(peter, CONFIRM).refusals()).toEqual(['not-permitted']);
    expect(play.inEmergency(stranger, CONFIRM).refusals()).toContain('not-a-member');
    expect(play.change.breakGlass).toMatchObject({ status: 'asked' });
  });

  test('is for plans that somebody has seen: not while they are made, not before their ticket, not after a rejection', () => {
    const planning = new Play().push('a', app);
    expect(planning.inEmergency(olga, ASK).refusals()).toEqual(['nothing-to-apply']);
    const unticketed = new Play().push('a', app).planned('app');
    expect(unticketed.inEmergency(olga, ASK).refusals()).toEqual(['not-planned']);
    const rejected = inReview(app).ticketMoves('rejected');
    expect(rejected.inEmergency(olga, ASK).refusals()).toEqual(['not-approved']);
  });

  test.each([
    ['a push', (play: Play) => play.push('b', app)],
    ['another plan', (play: Play) => play.says(peter, { verb: 'plan' }).planned('app', 'something else')],
    ['a rejection', (play: Play) => play.ticketMoves('rejected')],
    ['time', (play: Play) => play.nextDay().surroundingsChange('sweep')],
  ])('is over with %s', (_, happens) => {
    for (const play of [inReview(app).inEmergency(olga, ASK), broken(app)]) {
      happens(play);
      expect(play.change.breakGlass).toMatchObject({ status: 'over' });
      expect(approvalInForce(play.change, 'app')).toBeUndefined();
      expect(play.inEmergency(otto, CONFIRM).refusals()).toEqual(['nothing-to-confirm']);
    }
  });

  test('what waits for its turn when the time is over is not started any more', () => {
    const play = broken(app).judged('app', true).nextDay();
    const stale = play.project('app');
    if (stale.status !== 'applying') throw new Error(stale.status);
    play.claimed('app');
    expect(play.refusals()).toEqual(['stale']);
    expect(play.statuses()).toEqual({ app: 'awaiting-approval' });
  });

  test('for one project leaves the others to the approver', () => {
    const play = inReview(app, db)
      .inEmergency(olga, { ...ASK, select: { project: 'app' } })
      .inEmergency(otto, CONFIRM);
    expect(play.statuses()).toEqual({ app: 'gating', db: 'awaiting-approval' });
    expect(approvalInForce(play.change, 'db')).toBeUndefined();
    play.judged('app', true).claimed('app');
    expect(play.review()).toBe('withdrawn');
    play.ended('app', 'succeeded');
    // What was applied is approved under its ticket, the rest is asked about under another.
    expect(play.review()).toBe('opening');
    expect(owedDebts(play.change)).toMatchObject([
      { ticket: { key: 'CHG-1' }, review: { status: 'presenting' } },
    ]);
    expect(play.asked('close-ticket')).toEqual([]);
  });
});

describe('what was applied under broken glass', () => {
  test('is owed from the claim on; it goes before the approver when it is applied, and is tagged and merged meanwhile', () => {
    const play = broken(app).judged('app', true).claimed('app');
    expect(play.entries()).toContain('break-glass-used');
    expect(owedDebts(play.change)).toMatchObject([{ projects: ['app'], due: glassTerms().due }]);
    play.ended('app', 'succeeded');
    expect(play.change.breakGlass).toMatchObject({ status: 'over', as: 'used' });
    expect(play.asked('review-debt')).toEqual([{ type: 'review-debt', key: 'CHG-1' }]);
    expect(play.asked('close-ticket')).toEqual([]);
    play.tagged().merged();
    expect(play.statuses()).toEqual({ app: 'merged' });
    expect(play.asked('close-ticket')).toEqual([]);
    play.debtPresented('CHG-1').debtJudged('CHG-1', 'approved');
    expect(play.entries()).toEqual(['debt-paid']);
    expect(play.asked('close-ticket')).toMatchObject([{ key: 'CHG-1', outcome: 'done' }]);
    expect(owedDebts(play.change)).toEqual([]);
  });

  test('rejected afterwards stays owed and asks again', () => {
    const play = broken(app)
      .judged('app', true)
      .claimed('app')
      .ended('app', 'succeeded')
      .debtPresented('CHG-1');
    play.debtJudged('CHG-1', 'rejected');
    expect(play.entries()).toEqual(['debt-rejected']);
    expect(owedDebts(play.change)).toMatchObject([{ rejections: [{}], review: { status: 'presenting' } }]);
    play.debtPresented('CHG-1').debtJudged('CHG-1', 'not-counting');
    expect(owedDebts(play.change)).toMatchObject([{ review: { status: 'presenting' } }]);
  });

  test('is owed though the merge request moves on: its ticket waits for the approval, the new commits get another', () => {
    const play = broken(app).judged('app', true).claimed('app').ended('app', 'failed-partial');
    play.push('b', app);
    expect(play.asked('close-ticket')).toEqual([]);
    play.planned('app', 'mended').ticketOpens();
    expect(play.change.ticket).toMatchObject({ key: 'CHG-2' });
    play.debtPresented('CHG-1').debtJudged('CHG-1', 'approved');
    expect(play.asked('close-ticket')).toMatchObject([{ key: 'CHG-1', outcome: 'failed' }]);
  });

  test('is told once when it is overdue', () => {
    const play = broken(app).judged('app', true).claimed('app').ended('app', 'succeeded');
    const overdue = { type: 'debt-overdue', key: 'CHG-1' } as const;
    expect(play.record(overdue).entries()).toEqual([]);
    play.nextDay().nextDay().nextDay();
    expect(play.record(overdue).entries()).toEqual(['debt-overdue']);
    expect(play.record(overdue).entries()).toEqual([]);
  });
});
