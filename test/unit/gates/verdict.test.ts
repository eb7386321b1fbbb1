import { describe, expect, it } from 'vitest';
import type { Review } from '#domain/change.ts';
import type { TicketMove, TicketReading } from '#domain/fact.ts';
import { judgeTicket } from '#domain/verdict.ts';
import { APPROVED, APPROVER, BOT, move, OPENED, reading, TUPLE } from './evidence.ts';

const open: Review = {
  status: 'in-review',
  round: 1,
  tupleHash: TUPLE,
  moveId: OPENED.id,
  given: [],
  since: OPENED.at,
};
const judge = (moves: readonly TicketMove[], rest: Partial<TicketReading> = {}, review: Review = open) =>
  judgeTicket(reading(moves, rest), review, BOT);
const returned = move('m3', 'approved', 'in-review', BOT);
const withdrawn = move('m3', 'approved', 'requested', BOT);
const rejected = move('m2', 'in-review', 'rejected', APPROVER.jiraAccount);
const started = move('m3', 'approved', 'applying', BOT);

describe('a ticket', () => {
  it('waits in review until somebody decides', () => {
    expect(judge([OPENED])).toEqual({ kind: 'in-review', given: [] });
  });

  it('is approved by a person who moves it from In review to Approved', () => {
    expect(judge([OPENED, APPROVED])).toEqual({
      kind: 'approved',
      verdict: {
        decision: 'approved',
        account: APPROVER.jiraAccount,
        moveId: 'm2',
        decidedAt: APPROVED.at,
        tupleHash: TUPLE,
        evidenceDigest: 'dm2',
      },
      given: [],
    });
  });

  it('keeps an approval while it asks on after another, until somebody takes it back', () => {
    const next = move('m4', 'in-review', 'approved', 'jira-dora');
    expect(judge([OPENED, APPROVED, returned])).toMatchObject({
      kind: 'in-review',
      given: [{ moveId: 'm2' }],
    });
    expect(judge([OPENED, APPROVED, returned, next])).toMatchObject({
      kind: 'approved',
      verdict: { moveId: 'm4', account: 'jira-dora' },
      given: [{ moveId: 'm2' }],
    });
    const back = move('m5', 'approved', 'in-review', 'jira-dora');
    expect(judge([OPENED, APPROVED, returned, next, back])).toEqual({ kind: 'in-review', given: [] });
    const late = move('m6', 'in-review', 'approved', 'jira-dora');
    expect(judge([OPENED, APPROVED, returned, next, back, late])).toMatchObject({
      verdict: { moveId: 'm6' },
      given: [],
    });
  });

  it('counts no approval of an app among those given before', () => {
    const app: TicketMove = { ...APPROVED, accountKind: 'app' };
    const next = move('m4', 'in-review', 'approved', 'jira-dora');
    expect(judge([OPENED, app, returned, next])).toMatchObject({ verdict: { moveId: 'm4' }, given: [] });
  });

  it('is rejected by a person who moves it to Rejected', () => {
    expect(judge([OPENED, rejected])).toMatchObject({
      kind: 'rejected',
      verdict: { decision: 'rejected', moveId: 'm2' },
    });
  });

  it('is rejected whatever its text says by then', () => {
    const edits = [{ after: rejected.id, account: 'x', what: ['description'] as const }];
    expect(judge([OPENED, rejected], { edits })).toMatchObject({ kind: 'rejected' });
  });

  it('is what we wrote: our own text, and what others changed before we put it there, are no matter', () => {
    const edits = [
      { account: 'x', what: ['description'] as const },
      { account: BOT, what: ['summary', 'description'] as const },
      { after: OPENED.id, account: BOT, what: ['summary', 'description'] as const },
    ];
    expect(judge([OPENED, APPROVED], { edits })).toMatchObject({ kind: 'approved' });
  });

  it('is what we wrote again when a changed text goes to review once more, though the changelog has no word of that', () => {
    const edits = [{ after: OPENED.id, account: 'x', what: ['description'] as const }];
    const moves = [OPENED, move('m2', 'in-review', 'requested', BOT), { ...OPENED, id: 'm3' }];
    expect(judge(moves, { edits }, { ...open, moveId: 'm3' })).toMatchObject({ kind: 'in-review' });
  });

  it('stays approved after our own move to Applying', () => {
    expect(judge([OPENED, APPROVED, started])).toMatchObject({ kind: 'approved', verdict: { moveId: 'm2' } });
  });

  it('is decided by the last word when a person thinks again', () => {
    const back = move('m3', 'approved', 'in-review', APPROVER.jiraAccount);
    expect(judge([OPENED, APPROVED, back])).toEqual({ kind: 'in-review', given: [] });
    const again = move('m4', 'in-review', 'approved', 'jira-dora');
    expect(judge([OPENED, APPROVED, back, again])).toMatchObject({
      kind: 'approved',
      verdict: { account: 'jira-dora' },
    });
  });

  it('orders moves as its changelog does, whatever their times say', () => {
    const early = { ...APPROVED, at: '1999-01-01T00:00:00Z' };
    expect(judge([OPENED, early])).toMatchObject({ kind: 'approved' });
    const late = { ...APPROVED, at: '2099-01-01T00:00:00Z' };
    const reopened = [withdrawn, { ...OPENED, id: 'm9' }];
    expect(judge([OPENED, late, ...reopened], {}, { ...open, moveId: 'm9' })).toEqual({
      kind: 'in-review',
      given: [],
    });
  });
});

describe('an approval does not count', () => {
  it.each([
    [
      'older than our last move to review',
      [OPENED, APPROVED, withdrawn, { ...OPENED, id: 'm4' }],
      {},
      'as our last one',
    ],
    ['for another plan', [OPENED, APPROVED], { boundTuple: 'other' }, 'not bound to the present plan'],
    [
      'on a ticket whose binding is gone',
      [OPENED, APPROVED],
      { boundTuple: undefined },
      'not bound to the present plan',
    ],
    ['on a ticket that is gone', [OPENED, APPROVED], { exists: false }, 'gone or is no longer ours'],
    ['by an app', [OPENED, { ...APPROVED, accountKind: 'app' }], {}, "not a person's account"],
    ['by a customer', [OPENED, { ...APPROVED, accountKind: 'other' }], {}, "not a person's account"],
    ['by a deactivated account', [OPENED, { ...APPROVED, active: false }], {}, 'is deactivated'],
    ['by our own account', [OPENED, { ...APPROVED, account: BOT }], {}, 'our own account moved'],
    [
      'that skipped the review',
      [OPENED, rejected, move('m3', 'rejected', 'approved', 'x')],
      {},
      'not from In review',
    ],
    [
      'followed by a move elsewhere',
      [OPENED, APPROVED, move('m3', 'approved', 'done', 'x')],
      {},
      'x moved the ticket from approved to done',
    ],
    [
      'started by somebody else',
      [OPENED, APPROVED, { ...started, account: 'x' }],
      {},
      'x moved the ticket from approved to applying',
    ],
    [
      'with a forged move to review before it',
      [{ ...OPENED, account: 'x' }, APPROVED],
      {},
      'as our last one',
    ],
    ['without any history', [], { status: 'approved' }, 'as our last one'],
    [
      'of a text that somebody else has changed since it came to review',
      [OPENED, APPROVED],
      { edits: [{ after: OPENED.id, account: 'x', what: ['description'] }] },
      "x changed the ticket's description after it came to review",
    ],
    [
      'of a text that somebody else has changed between our writing it and our moving it to review',
      [OPENED, APPROVED],
      {
        edits: [
          { account: BOT, what: ['summary', 'description'] },
          { account: 'x', what: ['summary'] },
        ],
      },
      "x changed the ticket's summary before it came to review, when our text was there already",
    ],
    [
      'of a text of which we wrote another part after somebody else had changed it',
      [OPENED, APPROVED],
      {
        edits: [
          { account: 'x', what: ['summary', 'description'] },
          { account: BOT, what: ['description'] },
        ],
      },
      "x changed the ticket's summary before it came to review",
    ],
    [
      'of a ticket whose fields somebody else has changed since it came to review',
      [OPENED, APPROVED],
      { edits: [{ after: OPENED.id, account: 'x', what: ['fields'] }] },
      "x changed the ticket's fields after it came to review",
    ],
    [
      'of a ticket from which an attachment was taken after the approval',
      [OPENED, APPROVED],
      { edits: [{ after: APPROVED.id, account: 'x', name: 'Xaver', what: ['attachment'] }] },
      "Xaver (x) changed the ticket's attachment after it came to review",
    ],
  ] as [string, TicketMove[], Partial<TicketReading>, string][])('%s', (_, moves, rest, why) => {
    expect(judge(moves, rest)).toMatchObject({
      kind: 'not-counting',
      readAgain: false,
      why: expect.stringContaining(why),
    });
  });

  it.each([
    ['its status runs ahead of its changelog', [OPENED], { status: 'approved' }],
    ['its changelog runs ahead of its status', [OPENED, APPROVED], { status: 'in-review' }],
    ['a move is missing', [OPENED, move('m3', 'approved', 'applying', BOT)], {}],
  ] as [string, TicketMove[], Partial<TicketReading>][])('and is read again when %s', (_, moves, rest) => {
    expect(judge(moves, rest)).toMatchObject({ kind: 'not-counting', readAgain: true });
  });

  it.each([
    { status: 'withdrawn', round: 1, why: 'a push' },
    { status: 'presenting', round: 2, tupleHash: TUPLE },
  ] as Review[])('while the review is $status', (review) => {
    expect(judge([OPENED, APPROVED], {}, review)).toMatchObject({ kind: 'not-counting' });
  });
});
