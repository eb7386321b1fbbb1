import { describe, expect, test } from 'vitest';
import { changeStatus } from '#domain/change-status.ts';
import { claimed, hash, judged, olga, openTicketOf, peter, reading, sha, tagged, target } from './facts.ts';
import { Play } from './play.ts';

const app = target('app');
const biz = target('biz');
const db = target('db', { applyOn: 'command' });

describe('the gates', () => {
  test('all yes: what is applied on approval is applied, what is applied on command is ready', () => {
    const play = new Play().approved(app, db).judged('app', true).judged('db', true);
    expect(play.statuses()).toEqual({ app: 'applying', db: 'ready' });
    play.says(olga, { verb: 'apply' }).judged('db', true);
    expect(play.asked('run-apply')).toEqual([
      { type: 'run-apply', project: 'db', attemptId: play.attemptOf('db') },
    ]);
  });

  test('one that does not say yes blocks, and they are asked again when something moved', () => {
    const play = new Play().approved(app).judged('app', false);
    expect(play.project('app')).toMatchObject({ status: 'blocked', reasons: [{ gate: 'mergeable' }] });
    expect(play.surroundingsChange('sweep').statuses()).toEqual({ app: 'gating' });
    expect(play.judged('app', true).statuses()).toEqual({ app: 'applying' });
  });

  test('what is ready is asked again on a webhook, not on every sweep', () => {
    const play = new Play().approved(db).judged('db', true);
    expect(play.surroundingsChange('sweep').statuses()).toEqual({ db: 'ready' });
    expect(play.surroundingsChange('webhook').statuses()).toEqual({ db: 'gating' });
  });

  test('an answer to an older question is dropped', () => {
    const play = new Play().approved(app);
    const older = play.looked('app', true);
    play.judged('app', false).surroundingsChange().record(older);
    expect(play.statuses()).toEqual({ app: 'gating' });
  });

  const renewed = ({ change }: Play, { evaluationId: renews }: { evaluationId: string }, go: boolean) =>
    judged(change, { key: 'db', evaluationId: 'asked-again' }, go, { renews });

  test('are asked again when the turn comes late: all yes, and the job at hand goes on', () => {
    const play = new Play().approved(db).judged('db', true).says(olga, { verb: 'apply' }).judged('db', true);
    const before = play.project('db') as { evaluationId: string };
    play.record(renewed(play, before, true));
    expect(play.project('db')).toMatchObject({
      ...before,
      evaluationId: 'asked-again',
      evaluatedAt: expect.any(String),
    });
    expect(play.asked('run-apply')).toEqual([]);
    play.record(renewed(play, before, false));
    expect(play.statuses()).toEqual({ db: 'applying' });
    expect(play.claimed('db').project('db')).toMatchObject({ phase: 'claimed' });
    play.record(renewed(play, { evaluationId: 'asked-again' }, false));
    expect(play.statuses()).toEqual({ db: 'applying' });
  });

  test('that do not say yes any more when the turn comes block it, and whoever commanded it is told', () => {
    const play = new Play().approved(db).judged('db', true).says(olga, { verb: 'apply' }).judged('db', true);
    play.record(renewed(play, play.project('db') as { evaluationId: string }, false));
    expect(play.project('db')).toMatchObject({ status: 'blocked', evaluationId: 'asked-again' });
    expect(play.refusals()).toEqual(['gates-closed']);
  });

  test('evidence that got old before the claim is collected again', () => {
    const play = new Play().approved(app).judged('app', true);
    const { evaluationId } = play.project('app') as { evaluationId: string };
    play.record({ type: 'evaluation-stale', project: 'app', evaluationId });
    expect(play.project('app')).toMatchObject({ status: 'gating', purpose: { kind: 'apply' } });
  });
});

describe('the claim', () => {
  test('spends the ticket and takes the hold', () => {
    const play = new Play().applying('app', app);
    expect(openTicketOf(play.change.ticket).spent).toBe(true);
    expect(play.change.holds).toEqual([{ project: 'app', attemptId: 'chg.p1.apply' }]);
  });

  test('comes once', () => {
    const play = new Play().approved(app).judged('app', true);
    const project = play.project('app');
    if (project.status !== 'applying') throw new Error(project.status);
    play.record(claimed(project));
    expect(play.refusals()).toEqual([]);
    play.record(claimed(project));
    expect(play.refusals()).toEqual(['stale']);
  });

  test('is refused for another bundle, another project, and an attempt that is not wanted any more', () => {
    const play = new Play().approved(app, biz).judged('app', true);
    const project = play.project('app');
    if (project.status !== 'applying') throw new Error(project.status);
    const claim = claimed(project);
    expect(play.record({ ...claim, bundleHash: hash('swapped') }).refusals()).toEqual(['stale']);
    expect(play.record({ ...claim, project: 'biz' }).refusals()).toEqual(['stale']);
    play.says(peter, { verb: 'cancel' });
    expect(play.record(claim).refusals()).toEqual(['stale']);
    expect(openTicketOf(play.change.ticket).spent).toBe(false);
  });
});

describe('the end of an attempt', () => {
  test('of the last project makes the release: checkpoint, tag on the head, merge, done', () => {
    const play = new Play().applying('app', app).ended('app', 'succeeded');
    expect(play.asked('prepare-release')).toHaveLength(1);
    play.record({ type: 'release-prepared', message: 'what was applied' });
    expect(play.asked('tag-release')).toEqual([
      { type: 'tag-release', tag: 'release/CHG-1', sha: sha('a'), message: 'what was applied' },
    ]);
    play.record(tagged({ tag: 'release/CHG-1', sha: sha('a') }));
    expect(play.statuses()).toEqual({ app: 'released' });
    expect(play.asked('merge-change')).toHaveLength(1);
    play.merged();
    expect(play.statuses()).toEqual({ app: 'merged' });
    expect(play.asked('compare-after-merge')).toHaveLength(1);
    expect(play.asked('tell-waiting')).toEqual([{ type: 'tell-waiting', projects: ['app'] }]);
    expect(play.change.holds).toEqual([]);
    // The ticket waits for what a plan after the apply comes to; nothing else does.
    expect(play.asked('close-ticket')).toEqual([]);
    expect(play.verified().asked('close-ticket')).toMatchObject([{ outcome: 'done' }]);
  });

  test('of one of two is a partial result: no tag, and the next ticket says what became of this one', () => {
    const play = new Play().approved(app, biz).judged('app', true).judged('biz', true);
    play.claimed('app').claimed('biz').ended('app', 'succeeded').ended('biz', 'failed-partial');
    expect(play.asked('prepare-release')).toEqual([]);
    expect(play.verified().asked('close-ticket')).toMatchObject([{ outcome: 'partial' }]);
    expect(play.change.release.status).toBe('none');
  });

  test('without changes made plans again; an equal plan keeps the approval and an operator says when', () => {
    const play = new Play().applying('app', app).ended('app', 'failed-clean');
    expect(play.statuses()).toEqual({ app: 'planning' });
    play.planned('app');
    expect(play.entries()).toEqual(['plan-rebound']);
    expect(play.judged('app', true).statuses()).toEqual({ app: 'ready' });
    play.says(olga, { verb: 'apply' }).judged('app', true);
    expect(play.asked('run-apply')).toMatchObject([{ attemptId: 'chg.p2.apply' }]);
  });

  test('without changes made plans again three times, then a person has to ask', () => {
    const play = new Play().applying('app', app);
    for (let i = 0; i < 3; i++) {
      play.ended('app', 'failed-clean').planned('app').judged('app', true);
      play.says(olga, { verb: 'apply' }).judged('app', true).claimed('app');
    }
    expect(play.ended('app', 'failed-clean').statuses()).toEqual({ app: 'apply-failed' });
    expect(play.says(peter, { verb: 'plan' }).statuses()).toEqual({ app: 'planning' });
  });

  test('a differing plan after it is asked about on a new ticket', () => {
    const play = new Play()
      .applying('app', app)
      .ended('app', 'failed-clean')
      .planned('app', 'something else');
    expect(play.asked('close-ticket')).toMatchObject([{ outcome: 'failed', key: 'CHG-1' }]);
    expect(play.asked('open-ticket')).toEqual([{ type: 'open-ticket', number: 2, previous: 'CHG-1' }]);
  });

  test('a differing plan beside a running apply waits for its end before it asks anew', () => {
    const play = new Play().approved(app, biz).judged('app', true).judged('biz', true);
    play.claimed('app').claimed('biz').ended('biz', 'failed-clean').planned('biz', 'something else');
    expect(play.review()).toBe('withdrawn');
    expect(play.asked('close-ticket')).toEqual([]);
    play.ended('app', 'succeeded');
    expect(play.asked('close-ticket')).toMatchObject([{ outcome: 'partial' }]);
    expect(play.asked('open-ticket')).toHaveLength(1);
  });

  test('half way quarantines the project, through plans, pushes and the close of the merge request', () => {
    const play = new Play().applying('app', app).ended('app', 'failed-partial');
    const quarantined = [{ project: 'app', quarantined: 'its apply failed half way: the provider said no' }];
    expect(play.change.holds).toMatchObject(quarantined);
    expect(play.says(peter, { verb: 'plan' }).change.holds).toMatchObject(quarantined);
    expect(play.push('b', app).change.holds).toMatchObject(quarantined);
    expect(play.mergeRequestIs('closed').change.holds).toMatchObject(quarantined);
    play.says(olga, { verb: 'unlock', project: 'app', reason: 'put right by hand' });
    expect(play.change.holds).toEqual([]);
    expect(play.answer()).toMatchObject({ kind: 'accepted' });
  });
});

describe('an attempt nobody hears of', () => {
  test('waits for a person, and nothing is started beside it', () => {
    const play = new Play().applying('app', app).lost('app');
    expect(play.statuses()).toEqual({ app: 'apply-interrupted' });
    for (const verb of ['plan', 'apply', 'cancel'] as const)
      expect(play.says(olga, { verb }).answer()).toMatchObject({ kind: 'refused' });
    play.push('b', app);
    expect(play.statuses()).toEqual({ app: 'apply-interrupted' });
    expect(play.change.newerHead).toBe(sha('b'));
    expect(play.mergeRequestIs('closed').statuses()).toEqual({ app: 'apply-interrupted' });
  });

  test('that turns out alive tells by itself', () => {
    const play = new Play().applying('app', app).lost('app').ended('app', 'succeeded');
    expect(play.statuses()).toEqual({ app: 'applied' });
    expect(play.change.holds).toEqual([{ project: 'app', attemptId: 'chg.p1.apply' }]);
  });

  test('is resolved as applied, and released', () => {
    const play = new Play().applying('app', app).lost('app').resolved('app', 'applied').tagged().merged();
    expect(play.statuses()).toEqual({ app: 'merged' });
  });

  test('is resolved as not applied, and planned again by a person', () => {
    const play = new Play().applying('app', app).lost('app').resolved('app', 'not-applied');
    expect(play.statuses()).toEqual({ app: 'apply-failed' });
    expect(play.says(peter, { verb: 'plan' }).planned('app').entries()).toEqual(['plan-rebound']);
  });
});

describe('a newer head while an attempt runs', () => {
  test('waits for its end, and for the tag of what was applied', () => {
    const play = new Play().applying('app', app).push('b', app);
    expect(play.change.revision?.number).toBe(1);
    play.ended('app', 'succeeded');
    expect(play.asked('read-merge-request')).toEqual([]);
    play.tagged();
    expect(play.asked('read-merge-request')).toHaveLength(1);
    play.push('b', app);
    expect(play.change.revision?.number).toBe(2);
    expect(play.change.holds).toHaveLength(1);
  });

  test('asks the gates again for what is only queued', () => {
    const play = new Play().approved(app, biz).judged('app', true).judged('biz', true).claimed('app');
    expect(play.push('b', app, biz).statuses()).toEqual({ app: 'applying', biz: 'gating' });
    expect(play.push('b', app, biz).asked('collect-evidence')).toEqual([]);
  });

  test('that is taken back again is forgotten', () => {
    const play = new Play().applying('app', app).push('b', app).push('a', app);
    expect(play.change.newerHead).toBeUndefined();
  });
});

describe('the release', () => {
  test('a tag of another revision says nothing about this one', () => {
    const play = new Play().applying('app', app).ended('app', 'succeeded').tagged().push('b', app);
    play.record(tagged({ tag: 'release/CHG-1', sha: sha('a') }));
    expect(play.change.release).toEqual({ status: 'none' });
  });

  test('a refused tag is made once something moved', () => {
    const play = new Play().applying('app', app).ended('app', 'succeeded');
    play.record({ type: 'release-prepared', message: 'what was applied' });
    play.record({ type: 'release-refused', tag: 'release/CHG-1', reason: 'not allowed' });
    expect(play.statuses()).toEqual({ app: 'applied' });
    play.surroundingsChange();
    expect(play.asked('tag-release')).toHaveLength(1);
  });

  test('a refused merge leaves it applied, closes the ticket, and is tried again when something moved', () => {
    const play = new Play().applying('app', app).ended('app', 'succeeded').tagged().mergeRefused();
    expect(play.statuses()).toEqual({ app: 'applied-unmerged' });
    expect(play.asked('close-ticket')).toMatchObject([{ outcome: 'done' }]);
    expect(play.change.holds).toHaveLength(1);
    play.surroundingsChange('sweep');
    expect(play.asked('merge-change')).toHaveLength(1);
    expect(play.merged().statuses()).toEqual({ app: 'merged' });
  });

  test('a refusal that arrives after the merge is an old one', () => {
    const play = new Play().applying('app', app).ended('app', 'succeeded').tagged().merged().mergeRefused();
    expect(play.change.merge.status).toBe('merged');
  });
});

describe('a merge or close by hand', () => {
  const stories: [string, () => Play, string][] = [
    ['planning', () => new Play().push('a', app), 'none'],
    [
      'waiting for its ticket',
      () => new Play().push('a', target('web', { declaresApprovalId: true })),
      'opening',
    ],
    ['in review', () => new Play().push('a', app).planned('app').ticketOpens().presented(), 'closed'],
    ['gating', () => new Play().approved(app), 'closed'],
    ['blocked', () => new Play().approved(app).judged('app', false), 'closed'],
    ['ready', () => new Play().approved(db).judged('db', true), 'closed'],
    ['queued', () => new Play().approved(app).judged('app', true), 'closed'],
    ['apply-failed', () => new Play().applying('app', app).ended('app', 'aborted'), 'closed'],
    ['released', () => new Play().applying('app', app).ended('app', 'succeeded').tagged(), 'closed'],
  ];

  for (const [where, begin, ticket] of stories) {
    test.each(['merged', 'closed'] as const)(`while ${where} ends the story: %s`, (state) => {
      const play = begin().mergeRequestIs(state);
      expect(new Set(Object.values(play.statuses()))).toEqual(new Set([state]));
      expect(play.change.ticket.status).toBe(ticket);
      expect(changeStatus(play.change)).toBe(state);
    });
  }

  test('leaves a running apply alone, and its result is tagged all the same', () => {
    const play = new Play().applying('app', app).mergeRequestIs('merged');
    expect(play.statuses()).toEqual({ app: 'applying' });
    expect(play.change.holds).toHaveLength(1);
    play.ended('app', 'succeeded').tagged();
    expect(play.statuses()).toEqual({ app: 'merged' });
    expect(play.asked('close-ticket')).toMatchObject([{ outcome: 'done' }]);
    expect(play.asked('merge-change')).toEqual([]);
  });

  test('a merge is final: an older reading cannot open it again', () => {
    const play = new Play().approved(app).mergeRequestIs('merged').push('b', app);
    expect(play.change.merge.status).toBe('merged');
    expect(play.change.revision?.number).toBe(1);
  });

  test('a merge request that is opened again is a new revision, with a ticket linked to the first', () => {
    const play = new Play().approved(app).mergeRequestIs('closed').push('a', app).planned('app');
    expect(play.change.revision?.number).toBe(2);
    expect(play.asked('open-ticket')).toEqual([{ type: 'open-ticket', number: 2, previous: 'CHG-1' }]);
  });
});

test('a change that touches nothing has nothing to do', () => {
  const play = new Play().record(reading(sha('a'), []));
  expect(changeStatus(play.change)).toBe('nothing-touched');
  expect(play.last.effects.filter(({ type }) => !type.startsWith('publish-'))).toEqual([]);
});

describe('what comes late', () => {
  test('the refusal of a merge that an earlier revision asked for says nothing about this one', () => {
    const play = new Play().applying('app', app).ended('app', 'succeeded').tagged();
    play.push('b', app).mergeRefused().planned('app').ticketOpens().presented();
    expect(play.change.merge.status).toBe('open');
    expect(play.review()).toBe('in-review');
  });

  test('a plan asked for while the last project was applied finds nothing left to plan', () => {
    const play = new Play().push('a', app, biz).planned('app');
    play.planEnds('biz', { kind: 'no-changes', digest: '0' }).ticketOpens();
    play.presented().ticketMoves('approved');
    play.judged('app', true).claimed('app').says(peter, { verb: 'plan' }).ended('app', 'succeeded');
    expect(play.statuses()).toEqual({ app: 'applied', biz: 'no-changes' });
    expect(play.refusals()).toEqual(['nothing-to-plan']);
    expect(play.tagged().change.release.status).toBe('tagged');
  });
});

describe('what its gates saw', () => {
  test('is as old as their first look, however long they took to answer', () => {
    const play = new Play().approved(app);
    const answer = play.looked('app', true);
    const [verdict] = answer.verdicts;
    for (let minutes = 0; minutes < 10; minutes += 1) play.surroundingsChange('sweep');
    play.record(answer);
    expect(play.project('app')).toMatchObject({ status: 'applying', evaluatedAt: verdict?.lookedAt });
  });
});

describe('an attempt that took long to get ready', () => {
  const state = { lineage: 'lineage', serial: '4' };
  const ready = () => {
    const play = new Play().approved(app).judged('app', true).claimed('app');
    const { evaluationId } = play.project('app') as { evaluationId: string };
    return {
      play: play.record({ type: 'evaluation-stale', project: 'app', evaluationId, state }),
      evaluationId,
    };
  };
  const answer = (play: Play, go: boolean, rest = {}) => {
    const { evaluationId } = (play.project('app') as { renewing: { evaluationId: string } }).renewing;
    return play.record(judged(play.change, { key: 'app', evaluationId }, go, rest));
  };

  test('has its gates asked once more, and starts on the new answer', () => {
    const { play, evaluationId } = ready();
    expect(play.asked('collect-evidence')).toMatchObject([{ projects: [{ key: 'app' }] }]);
    expect(play.project('app')).toMatchObject({ status: 'applying', phase: 'claimed', renewing: { state } });
    answer(play, true);
    expect(play.project('app')).toMatchObject({ status: 'applying', phase: 'claimed' });
    expect(play.project('app')).not.toMatchObject({ evaluationId });
    expect(play.project('app')).not.toHaveProperty('renewing');
    expect(play.asked('run-apply')).toEqual([]);
  });

  test('does not start when they say no, and the ticket stays what it is until its end', () => {
    const { play } = ready();
    answer(play, false, { verdictRefused: 'the approver left' });
    expect(play.project('app')).toMatchObject({ refused: 'mergeable: it has conflicts' });
    expect(play.review()).toBe('approved');
    play.ended('app', 'failed-clean').planned('app');
    expect(play.statuses()).toEqual({ app: 'gating' });
  });

  test('starts on what was seen since it was ready, as old as that is', () => {
    const { play } = ready();
    answer(play, true, { lookedAt: '2026-11-01T10:20:00Z' });
    expect(play.project('app')).toMatchObject({ evaluatedAt: '2026-11-01T10:20:00Z' });
  });

  test('does not start on what gates say of another approval than it was claimed on', () => {
    const { play } = ready();
    answer(play, true, { approval: { kind: 'break-glass', noteId: 7 } });
    expect(play.project('app')).toMatchObject({ refused: 'the approval that it was to start under is gone' });
  });

  test('hears nothing of an answer to another question', () => {
    const { play } = ready();
    play.record(judged(play.change, { key: 'app', evaluationId: 'chg.e99' }, false));
    expect(play.project('app')).toHaveProperty('renewing');
    expect(play.project('app')).not.toHaveProperty('refused');
  });
});
