import { describe, expect, test } from 'vitest';
import { reading, sha, target } from './facts.ts';
import { Play } from './play.ts';

const app = target('app');
const db = target('db');

const draft = (letter = 'a', more = {}) => {
  const { reading: open } = reading(sha(letter), [app]);
  const { contents: _, ...rest } = open;
  const notAdmitted = { code: 'draft', reason: 'it is a draft' };
  return { type: 'merge-request-read', reading: { ...rest, notAdmitted, ...more } } as const;
};

describe('back to draft', () => {
  test('takes the plan out of review and voids the approval; ready again, the same plan goes to review anew', () => {
    const play = new Play().approved(app);
    play.record(draft());
    expect(play.asked('withdraw-ticket')).toHaveLength(1);
    expect(play.entries()).toEqual(['approval-voided']);
    expect([play.review(), play.statuses()]).toEqual(['withdrawn', { app: 'awaiting-approval' }]);
    play.record(draft());
    expect([play.asked('withdraw-ticket'), play.asked('present-ticket')]).toEqual([[], []]);
    play.push('a', app);
    expect(play.asked('present-ticket')).toHaveLength(1);
    expect(play.change.counters).toMatchObject({ revisions: 1, planRuns: 1 });
    play.presented().ticketMoves('approved');
    expect(play.statuses()).toEqual({ app: 'gating' });
  });

  test('while it is planned puts nothing in review when the plan is there', () => {
    const play = new Play().push('a', app).record(draft()).planned('app');
    expect(play.review()).toBe('none');
    play.push('a', app);
    expect(play.asked('open-ticket')).toHaveLength(1);
  });

  test('leaves alone what was begun under the ticket', () => {
    const play = new Play().applying('app', app, db);
    play.record(draft());
    expect([play.asked('withdraw-ticket'), play.review()]).toEqual([[], 'approved']);
    play.ended('app', 'succeeded');
    expect(play.project('app').status).toBe('applied');
  });

  test('with other commits ends the revision', () => {
    const play = new Play().approved(app).record(draft('b'));
    expect(play.change.revision).toBeUndefined();
    expect(play.statuses()).toEqual({});
  });
});

describe('who pushed', () => {
  const told = (pushers: readonly number[] | undefined) => reading(sha('a'), [app], {}, { pushers });

  test('is learned by a later reading of the same head, and what waits for it is asked again', () => {
    const play = new Play().record(told(undefined)).planned('app').ticketOpens().presented();
    play.ticketMoves('approved').judged('app', false);
    expect(play.statuses()).toEqual({ app: 'blocked' });
    play.record(told(undefined));
    expect(play.statuses()).toEqual({ app: 'blocked' });
    play.record(told([7, 12]));
    expect(play.change.revision).toMatchObject({ number: 1, pushers: [7, 12] });
    expect(play.statuses()).toEqual({ app: 'gating' });
  });

  test('once known is not forgotten by a reading that does not tell', () => {
    const play = new Play().record(told([7])).record(told(undefined));
    expect(play.change.revision?.pushers).toEqual([7]);
  });
});

describe('another target branch', () => {
  test('is another revision, and what was approved for the first one is void', () => {
    const play = new Play().approved(app);
    play.record(reading(sha('a'), [app], { targetBranch: 'stable' }));
    expect(play.entries()).toEqual(['approval-voided', 'revision-opened']);
    expect(play.change.revision).toMatchObject({ number: 2, headSha: sha('a'), targetBranch: 'stable' });
    play.planned('app');
    expect(play.review()).toBe('presenting');
  });

  test('that is not planned for ends the revision', () => {
    const play = new Play().approved(app).record(draft('a', { targetBranch: 'elsewhere' }));
    expect(play.change.revision).toBeUndefined();
  });
});

describe('a merge that did not wait', () => {
  test('is on record with what it went past, and its ticket is superseded', () => {
    const play = new Play().approved(app, db).mergeRequestIs('merged');
    expect(play.last.entries).toEqual([{ type: 'merged-unapplied', details: { projects: ['app', 'db'] } }]);
    expect(play.asked('close-ticket')).toMatchObject([
      { outcome: 'superseded', reason: 'the merge request was merged before this was applied' },
    ]);
  });

  test('names only what was not applied', () => {
    const play = new Play().applying('app', app, db).ended('app', 'succeeded').mergeRequestIs('merged');
    expect(play.last.entries).toEqual([{ type: 'merged-unapplied', details: { projects: ['db'] } }]);
  });

  test('of what is applied, or would change nothing, is none', () => {
    const play = new Play().applying('app', app).ended('app', 'succeeded').tagged().merged();
    expect(play.entries()).toEqual([]);
    const empty = new Play().push('a', app).planEnds('app', { kind: 'no-changes', digest: 'd' });
    expect(empty.mergeRequestIs('merged').entries()).toEqual([]);
  });
});
