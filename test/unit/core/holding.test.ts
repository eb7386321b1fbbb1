import { describe, expect, test } from 'vitest';
import { olga, peter, reading, sha, target } from './facts.ts';
import { Play } from './play.ts';

const app = target('app', { holdFrom: 'plan' });
const db = target('db', { holdFrom: 'plan' });
const late = target('late');

const NO_CHANGES = { kind: 'no-changes', digest: '0' } as const;

/** Approved, with `app` held since it was planned. */
const approved = () => {
  const play = new Play().push('a', app).reserved('app').planned('app').ticketOpens();
  return play.presented().ticketMoves('approved');
};

describe('a project that is held from its plan on', () => {
  test('belongs to the change from before its first plan until the merge', () => {
    const play = new Play().push('a', app).reserved('app');
    expect(play.held()).toEqual(['app']);
    play.planned('app').ticketOpens().presented();
    expect(play.held()).toEqual(['app']);
    play.mergeRequestIs('merged');
    expect(play.held()).toEqual([]);
    expect(play.asked('tell-waiting')).toEqual([{ type: 'tell-waiting', projects: ['app'] }]);
  });

  test('is reserved together with the others that are, and without those that are held from their apply on', () => {
    expect(new Play().push('a', app, db, late).reserved('db').held()).toEqual(['app', 'db']);
  });

  test('is reserved once, whoever of its workers comes second', () => {
    const play = new Play().push('a', app, db).reserved('db');
    const before = play.change;
    play.reserved('app', ['app', 'db']);
    expect(play.refusals()).toEqual([]);
    expect(play.change).toEqual(before);
  });

  test('is not reserved by a worker that looked before a push', () => {
    const play = new Play().push('a', app);
    const projects = ['app'];
    play.push('b', app, db);
    const { planRunId } = play.project('app') as { planRunId: string };
    play.record({ type: 'projects-reserved', planRunId, projects });
    expect(play.refusals()).toEqual(['stale']);
    expect(play.held()).toEqual([]);
  });

  test('stays held over a push that goes on touching it, and is let go by one that does not', () => {
    const play = new Play().push('a', app, db).reserved('app').push('b', app);
    expect(play.held()).toEqual(['app']);
    expect(play.asked('tell-waiting')).toEqual([{ type: 'tell-waiting', projects: ['db'] }]);
  });

  test.each([
    ['its plan failed', (play: Play) => play.planEnds('app', { kind: 'failed', reason: 'a typing error' })],
    ['its plan has no changes', (play: Play) => play.planEnds('app', NO_CHANGES)],
    ['it was cancelled', (play: Play) => play.says(peter, { verb: 'cancel' })],
    ['its merge request was closed', (play: Play) => play.mergeRequestIs('closed')],
    ['a member gave it up', (play: Play) => play.says(peter, { verb: 'unlock' })],
  ])('is let go when %s', (_, end) => {
    const play = end(new Play().push('a', app).reserved('app'));
    expect(play.held()).toEqual([]);
    expect(play.asked('tell-waiting')).toEqual([{ type: 'tell-waiting', projects: ['app'] }]);
  });

  test('is given back by an operator together with its plan, which nothing would protect any more', () => {
    const play = approved().says(olga, { verb: 'unlock', project: 'app', reason: 'he is on holiday' });
    expect(play.held()).toEqual([]);
    expect(play.statuses()).toEqual({ app: 'cancelled' });
    expect(play.review()).toBe('withdrawn');
  });

  test('is given up by a member of a draft too, which would keep others waiting otherwise', () => {
    const play = approved();
    const { reading: read } = reading(sha('a'), [app]);
    const notAdmitted = { code: 'draft', reason: 'it is a draft' };
    play.record({ type: 'merge-request-read', reading: { ...read, notAdmitted } });
    expect(play.held()).toEqual(['app']);
    expect(play.says(peter, { verb: 'unlock' }).held()).toEqual([]);
  });

  test('is held for its apply from the claim on, which no member gives up', () => {
    const play = approved().judged('app', true).claimed('app').ended('app', 'succeeded');
    expect(play.change.holds).toEqual([{ project: 'app', attemptId: play.attemptOf('app') }]);
    play.says(peter, { verb: 'unlock' });
    expect(play.held()).toEqual(['app']);
  });
});

describe('a change whose project another one holds', () => {
  test('waits, says for whom, and is planned by itself when that lets go', () => {
    const play = new Play().push('a', app).foundHeld('app');
    expect(play.project('app')).toMatchObject({
      status: 'held',
      by: { iid: 9, project: 'app', since: '2026-11-01T09:00:00.000Z' },
    });
    expect(play.asked('stop-plan')).toHaveLength(1);
    play.letGoByOthers('app');
    expect(play.statuses()).toEqual({ app: 'planning' });
    expect(play.asked('run-plan')).toHaveLength(1);
  });

  test('is not stirred by anything else', () => {
    const play = new Play().push('a', app).foundHeld('app');
    play.surroundingsChange().surroundingsChange('sweep').letGoByOthers('db');
    expect(play.statuses()).toEqual({ app: 'held' });
  });

  test('waits with all that has to be had together, holds nothing meanwhile, and plans the rest', () => {
    const play = new Play().push('a', app, db, late).foundHeld('app', 'db');
    expect(play.statuses()).toEqual({ app: 'held', db: 'held', late: 'planning' });
    expect(play.held()).toEqual([]);
  });

  test('gives up what it had planned and held, so that nobody waits for one who waits', () => {
    const play = new Play().push('a', app).reserved('app').planned('app').ticketOpens().presented();
    play.push('b', app, db).foundHeld('db');
    expect(play.statuses()).toEqual({ app: 'held', db: 'held' });
    expect(play.held()).toEqual([]);
    expect(play.asked('tell-waiting')).toEqual([{ type: 'tell-waiting', projects: ['app'] }]);
  });

  test('takes the plans it gives up out of review, and an approval of them counts no more', () => {
    const play = approved().push('b', app);
    play.planned('app').presented().ticketMoves('approved').says(peter, { verb: 'plan' });
    play.push('c', app, db).foundHeld('db');
    expect(play.review()).toBe('withdrawn');
    play.letGoByOthers('db').reserved('db').planned('app').planned('db').presented();
    expect(play.review()).toBe('in-review');
  });

  test('with a project that comes to be planned later waits with that one too', () => {
    const web = target('web', { holdFrom: 'plan', declaresApprovalId: true });
    const play = new Play().push('a', app, web).foundHeld('app').ticketOpens();
    expect(play.statuses()).toEqual({ app: 'held', web: 'planning' });
    const both = play.change;
    expect(play.reserved('web').statuses()).toEqual({ app: 'planning', web: 'planning' });
    play.change = both;
    expect(play.foundHeld('web', 'app').statuses()).toEqual({ app: 'held', web: 'held' });
    expect(play.held()).toEqual([]);
  });

  test('keeps what it has applied', () => {
    const play = new Play().push('a', app, db).reserved('app').planned('app').planned('db').ticketOpens();
    play.presented().ticketMoves('approved').judged('app', true).claimed('app').ended('app', 'succeeded');
    play.says(olga, { verb: 'unlock', project: 'db', reason: 'urgent' });
    play.says(peter, { verb: 'plan', select: { project: 'db' } }).foundHeld('db');
    expect(play.statuses()).toEqual({ app: 'applied', db: 'held' });
    expect(play.held()).toEqual(['app']);
  });

  test('is no longer concerned once a push leaves the project alone', () => {
    const play = new Play().push('a', app).foundHeld('app').push('b', late);
    expect(play.statuses()).toEqual({ late: 'planning' });
  });

  test('does not believe a worker that was late', () => {
    const play = new Play().push('a', app);
    const { planRunId } = play.project('app') as { planRunId: string };
    play.push('b', app);
    const by = { changeId: 'chg9', iid: 9, since: '2026-11-01T09:00:00.000Z' };
    play.record({ type: 'project-held', project: 'app', planRunId, by });
    expect(play.statuses()).toEqual({ app: 'planning' });
    expect(play.change.revision?.headSha).toBe(sha('b'));
  });
});
