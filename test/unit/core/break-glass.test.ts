import { describe, expect, test } from 'vitest';
import { approvalInForce } from '#domain/approval.ts';
import { owedDebts } from '#domain/debts.ts';
import type { ProjectTarget } from '#domain/project.ts';
import { claimed, glassTerms, mara, olga, otto, peter, reading, sha, stranger, target } from './facts.ts';
import { Play } from './play.ts';

const app = target('app');
const db = target('db', { applyOn: 'command' });
const ASK = { verb: 'apply', breakGlass: 'customers are cut off' } as const;
const OF_APP = { ...ASK, select: { project: 'app' } } as const;
const CONFIRM = { verb: 'confirm' } as const;

/** The plans are in front of the approver, who sleeps. */
function inReview(...projects: ProjectTarget[]): Play {
  const play = new Play().push('a', ...projects);
  for (const { key } of projects) play.planned(key);
  return play.ticketOpens().presented();
}

function draftForAMoment(play: Play): Play {
  const { contents: _, ...rest } = reading(sha('a'), [app]).reading;
  const notAdmitted = { code: 'draft', reason: 'it is a draft' };
  return play
    .record({ type: 'merge-request-read', reading: { ...rest, notAdmitted } })
    .push('a', app)
    .says(peter, { verb: 'plan' })
    .planned('app');
}

function broken(...projects: ProjectTarget[]): Play {
  return inReview(...projects)
    .inEmergency(olga, ASK)
    .confirms(otto);
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
    play.confirms(otto);
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

  test('asked for once is replaced by no other request, nor by one of whoever asked: a confirmation is of what was read', () => {
    const play = inReview(app, db).inEmergency(olga, OF_APP);
    const asked = play.change.breakGlass;
    for (const [by, other] of [
      [otto, OF_APP],
      [olga, { ...OF_APP, select: { project: 'db' } }],
      [olga, ASK],
      [olga, { ...OF_APP, breakGlass: 'something else' }],
    ] as const) {
      play.inEmergency(by, other);
      expect(play.last.refusals).toMatchObject([
        { code: 'already-applying', remedy: expect.stringContaining('`countersign cancel`') },
      ]);
      expect(play.change.breakGlass).toBe(asked);
    }
    play.confirms(otto);
    expect(approvalInForce(play.change, 'app')).toMatchObject({ kind: 'break-glass' });
    expect(approvalInForce(play.change, 'db')).toBeUndefined();
  });

  test('asked for twice in the same words is asked for once, and whoever did so is told until when', () => {
    const play = inReview(app).inEmergency(olga, ASK);
    const asked = play.change.breakGlass;
    const answer = play.answer();
    play.inEmergency(olga, ASK);
    expect(play.answer()).toEqual(answer);
    expect(play.entries()).toEqual([]);
    expect(play.change.breakGlass).toBe(asked);
  });

  test('is called off with the change, confirmed or not; the plans made anew may be asked for then', () => {
    for (const play of [inReview(app).inEmergency(olga, ASK), broken(app)]) {
      play.says(peter, { verb: 'cancel' });
      expect(play.change.breakGlass).toMatchObject({ status: 'over', as: 'withdrawn' });
      play.says(olga, { verb: 'plan' }).planned('app');
      expect(play.confirms(otto).refusals()).toEqual(['nothing-to-confirm']);
      expect(play.inEmergency(olga, { ...ASK, breakGlass: 'something else' }).refusals()).toEqual([]);
    }
  });

  test('is confirmed by its number: what somebody read and was called off since is not confirmed for what is asked now', () => {
    const play = inReview(app).inEmergency(olga, ASK);
    const read = play.change.breakGlass?.noteId ?? 0;
    play.says(peter, { verb: 'cancel' }).says(olga, { verb: 'plan' }).planned('app');
    play.inEmergency(olga, { ...ASK, breakGlass: 'something else' });
    expect(play.inEmergency(otto, { verb: 'confirm', asked: read }).refusals()).toEqual([
      'nothing-to-confirm',
    ]);
    expect(play.inEmergency(otto, CONFIRM).refusals()).toEqual(['nothing-to-confirm']);
    expect(play.answer()).toMatchObject({
      kind: 'refused',
      refusals: [
        { remedy: expect.stringContaining(`countersign confirm ${play.change.breakGlass?.noteId}`) },
      ],
    });
    expect(play.change.breakGlass).toMatchObject({ status: 'asked' });
    expect(play.confirms(otto).refusals()).toEqual([]);
  });

  test('is never confirmed by whoever asked, under another account neither, nor by somebody who may not', () => {
    const play = inReview(app).inEmergency(olga, ASK);
    expect(play.confirms(olga).refusals()).toEqual(['confirmer-is-operator']);
    const second = { ...olga, gitlabId: 77, username: 'olga-private' };
    expect(play.confirms(second).refusals()).toEqual(['confirmer-is-operator']);
    expect(play.confirms(peter).refusals()).toEqual(['not-permitted']);
    expect(play.confirms(stranger).refusals()).toContain('not-a-member');
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
      expect(play.confirms(otto).refusals()).toEqual(['nothing-to-confirm']);
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
    const play = inReview(app, db).inEmergency(olga, OF_APP).confirms(otto);
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

describe('what gates let go under broken glass', () => {
  /** The requester moves the ticket to Approved while the glass waives who may. */
  const approvedByRequester = () => broken(app).ticketMoves('approved', 'account-of-the-requester');
  const lapses = (play: Play) => {
    for (let minutes = 0; play.change.breakGlass?.status === 'confirmed'; minutes += 1) {
      expect(minutes).toBeLessThan(20);
      play.surroundingsChange('sweep');
    }
    return play;
  };

  test('does not go on another approval once the glass is whole again: that one is judged like any other', () => {
    const play = approvedByRequester();
    const underGlass = play.looked('app', true);
    lapses(play).record(underGlass);
    expect(play.asked('run-apply')).toEqual([]);
    expect(play.project('app')).toMatchObject({ status: 'gating' });
    play.judged('app', false, 'the approver asked for the change');
    expect([play.statuses(), play.review()]).toEqual([{ app: 'awaiting-approval' }, 'presenting']);
  });

  test('is not let go by the very answer that comes when its time is over', () => {
    const play = approvedByRequester();
    const underGlass = play.looked('app', true);
    play.nextDay().record(underGlass);
    expect(play.asked('run-apply')).toEqual([]);
    expect(play.project('app')).toMatchObject({ status: 'gating' });
  });

  test('is not claimed on another approval either', () => {
    const play = approvedByRequester().judged('app', true);
    const queued = play.project('app');
    if (queued.status !== 'applying') throw new Error(queued.status);
    play.nextDay().record(claimed(queued));
    expect(play.refusals()).toEqual(['stale']);
    expect(play.project('app')).toMatchObject({ status: 'gating', purpose: { kind: 'apply' } });
    play.judged('app', true).claimed('app');
    expect(play.project('app')).toMatchObject({ approval: { kind: 'decided' } });
  });

  test('waits for no command of the emergency where an operator says when', () => {
    const play = broken(db).ticketMoves('approved').judged('db', true).nextDay().surroundingsChange('sweep');
    expect(play.project('db')).toMatchObject({ status: 'gating', purpose: { kind: 'report' } });
    expect(play.judged('db', true).statuses()).toEqual({ db: 'ready' });
  });

  test('is owed, also where somebody approves it before it is claimed', () => {
    const play = broken(app).judged('app', true).ticketMoves('approved').claimed('app');
    expect(owedDebts(play.change)).toHaveLength(1);
  });
});

test('what gates let go on an approval goes on that, and nothing is owed, though glass is broken beside it', () => {
  const play = new Play().approved(app, db).judged('app', false).judged('db', false);
  play.inEmergency(olga, ASK).surroundingsChange().judged('app', true);
  play.confirms(otto).claimed('app');
  expect(play.refusals()).toEqual([]);
  expect(play.project('app')).toMatchObject({ status: 'applying', approval: { kind: 'decided' } });
  expect(owedDebts(play.change)).toEqual([]);
});

describe('what an approver rejected', () => {
  const rejected = () => inReview(app).ticketMoves('rejected');

  test.each([
    ['is planned again', (play: Play) => play.says(peter, { verb: 'plan' }).planned('app')],
    ['is a draft for a moment', draftForAMoment],
    ['comes with an empty commit', (play: Play) => play.push('b', app).planned('app')],
    [
      'was another plan meanwhile, which was rejected as well',
      (play: Play) =>
        play
          .push('b', app)
          .planned('app', 'another')
          .presented()
          .ticketMoves('rejected')
          .push('c', app)
          .planned('app'),
    ],
    [
      'comes on another ticket, since there was nothing to do between',
      (play: Play) =>
        play
          .push('b', app)
          .planEnds('app', { kind: 'no-changes', digest: '0' })
          .push('c', app)
          .planned('app')
          .ticketOpens(),
    ],
  ])('no emergency overrules, nor when it %s', (_, happens) => {
    const play = rejected();
    happens(play);
    expect(play.review()).toBe('presenting');
    play.inEmergency(olga, ASK);
    expect(play.last.refusals).toMatchObject([
      { code: 'not-approved', reason: expect.stringContaining('rejected these plans on CHG-1') },
    ]);
    play.presented().inEmergency(olga, ASK);
    expect(play.refusals()).toEqual(['not-approved']);
  });

  test('while it was planned again stays rejected', () => {
    const play = inReview(app).says(peter, { verb: 'plan' }).ticketMoves('rejected').planned('app');
    expect(play.inEmergency(olga, ASK).refusals()).toEqual(['not-approved']);
  });

  test('is nobody’s to hurry again once an approval of it counted, whatever else its gates wait for', () => {
    const play = rejected().says(peter, { verb: 'plan' }).planned('app').presented();
    play.ticketMoves('approved', 'account-of-the-requester');
    expect(play.inEmergency(olga, ASK).refusals()).toEqual(['not-approved']);
    play.judged('app', false, 'the approver asked for the change').presented();
    expect(play.inEmergency(olga, ASK).refusals()).toEqual(['not-approved']);
    play.ticketMoves('approved').judged('app', false);
    expect(play.inEmergency(olga, ASK).refusals()).toEqual([]);
  });

  test('says nothing of other plans', () => {
    const play = rejected().push('b', app).planned('app', 'another');
    expect(play.inEmergency(olga, ASK).refusals()).toEqual([]);
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
