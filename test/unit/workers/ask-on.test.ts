import { describe, expect, test } from 'vitest';
import type { Change, Review } from '#domain/change.ts';
import type { DeskApproval, TicketReading } from '#domain/fact.ts';
import { Fault } from '#domain/fault.ts';
import { deciderOf } from '#domain/gates/people.ts';
import { decisionsIn } from '#domain/desk.ts';
import { askOn } from '#workers/ask-on.ts';
import type { Job, WorkerContext } from '#workers/context.ts';
import { APPROVED, APPROVER, BOT, move, OPENED, reading, situation, TUPLE } from '../gates/evidence.ts';

type InReview = Extract<Review, { status: 'in-review' }>;

const BY_DESK = { ...move('m2', 'in-review', 'approved', 'automation'), accountKind: 'app' as const };
const DESK: DeskApproval[] = [
  {
    id: '7',
    name: 'Waiting for approval',
    decision: 'approved',
    openedAt: OPENED.at,
    completedAt: OPENED.at,
    decisions: [
      { account: APPROVER.jiraAccount, accountKind: 'person', active: true, decision: 'approved' },
      { account: 'jira-carla', accountKind: 'person', active: true, decision: 'approved' },
    ],
    digest: 'd7',
  },
];

/** What is done to the ticket where Bob's approval counts, is not enough, and the ticket reads like this. */
async function asked(read: TicketReading, review: Partial<InReview> = {}) {
  const { change } = situation().subject;
  if (change.ticket.status !== 'open') throw new Error('no open ticket');
  const given = decisionsIn(read).flatMap(({ account, at, digest, id, to }) =>
    account === APPROVER.jiraAccount && to === 'approved'
      ? [
          {
            decision: 'approved' as const,
            account,
            moveId: id,
            decidedAt: at,
            heardAt: at,
            tupleHash: TUPLE,
            evidenceDigest: digest,
            decider: deciderOf(APPROVER),
          },
        ]
      : [],
  );
  const asking: Change = {
    ...change,
    ticket: {
      ...change.ticket,
      review: {
        status: 'in-review',
        round: 1,
        tupleHash: TUPLE,
        moveId: OPENED.id,
        given,
        since: OPENED.at,
        wanted: 'somebody of security still has to approve',
        ...review,
      },
    },
  };
  const done: string[] = [];
  const nobody = new Proxy(
    {},
    { get: () => async () => Promise.reject(new Fault('silent', 'nobody answers', { retryable: true })) },
  );
  const context = {
    settings: { ticketBot: BOT, externalUrl: 'https://countersign.test' },
    directory: { read: async () => ({ people: [APPROVER], unseen: [] }) },
    catalogue: nobody,
    source: nobody,
    codeHost: nobody,
    calendar: nobody,
    ledger: {
      change: async () => asking,
      now: async () => OPENED.at,
      toldPlans: async () => [],
      planFiles: async () => [],
      applyDiagnostics: async () => new Map(),
      published: async () => undefined,
    },
    ticketing: {
      read: async () => read,
      comment: async (_: string, marker: string) => void done.push(marker),
      update: async () => void done.push('text'),
      async move(_: string, from: readonly string[], to: string) {
        done.push(`${from.join()} → ${to}`);
        return { moved: true, moveId: 'm9' };
      },
    },
  } as unknown as WorkerContext;
  await askOn(context, { changeId: 'c1', payload: {} } as Job<object>);
  return done;
}

describe('a ticket whose approval is not enough', () => {
  test('is put in front of the next approver, with what is still wanted', async () => {
    const done = await asked(reading([OPENED, APPROVED]));
    expect(done).toEqual(['asked-on-m2', 'text', 'approved → in-review']);
  });

  test('is so where approvals are given on a service desk, which moves the ticket itself', async () => {
    const dropped = ['approval-7-jira-carla'];
    const done = await asked(reading([OPENED, BY_DESK], { desk: DESK }), { dropped });
    expect(done).toEqual(['asked-on-approval-7-jira-carla', 'text', 'approved → in-review']);
  });

  test.each([
    ['somebody approved whom we have not heard of', reading([OPENED, BY_DESK], { desk: DESK }), {}],
    ['it was taken back', reading([OPENED, APPROVED, move('m3', 'approved', 'in-review', 'jira-bob')]), {}],
    ['it was rejected', reading([OPENED, move('m2', 'in-review', 'rejected', 'jira-bob')]), {}],
    ['it is another’s', reading([OPENED, APPROVED], { exists: false }), {}],
    ['nobody else is wanted any more', reading([OPENED, APPROVED]), { wanted: undefined }],
  ])('is left alone where %s', async (_, read, review) => {
    expect(await asked(read, review as Partial<InReview>)).toEqual([]);
  });

  test('is read again where the reading disagrees with itself', async () => {
    const torn = reading([OPENED, APPROVED], { status: 'in-review' });
    await expect(asked(torn)).rejects.toMatchObject({ code: 'torn-reading', retryable: true });
  });
});
