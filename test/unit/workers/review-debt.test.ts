import { describe, expect, test } from 'vitest';
import type { Change, DebtReview } from '#domain/change.ts';
import { DEFAULT_DEMAND } from '#domain/demand.ts';
import type { FactOf, TicketMove } from '#domain/fact.ts';
import { Fault } from '#domain/fault.ts';
import type { Person } from '#domain/gates/evidence.ts';
import type { Job, WorkerContext } from '#workers/context.ts';
import { reviewDebt } from '#workers/review-debt.ts';
import {
  APPROVED,
  APPROVER,
  AUTHOR,
  BOT,
  move,
  OPENED,
  OPERATOR,
  reading,
  situation,
  TUPLE,
  VERDICT,
} from '../gates/evidence.ts';

const CARLA: Person = {
  ...APPROVER,
  id: 'carla',
  name: 'carla',
  gitlabIds: [21],
  jiraAccounts: ['jira-carla'],
  emails: ['carla@example.com'],
};
const ANN: Person = { ...AUTHOR, roles: ['requester', 'approver'] };
const ON_CALL = { gitlabId: OPERATOR.gitlabId, username: 'cleo', accessLevel: 40, person: 'cleo', roles: [] };

/** What was applied in an emergency wants two approvals afterwards, and these moves followed on ours to In review. */
function owing(review: Partial<Extract<DebtReview, { status: 'in-review' }>>, moves: readonly TicketMove[]) {
  const { change, plan, project } = situation().subject;
  const approvals = [{ id: 'approver', from: [], count: 2 }];
  const demand = { ...DEFAULT_DEMAND, approvals };
  const glass = { noteId: 41, by: ON_CALL, confirmedBy: { ...ON_CALL, person: 'otto', gitlabId: 31 } };
  const owed = {
    ...change,
    debts: [
      {
        status: 'owed',
        ticket: { number: 1, key: 'CHG-1', url: 'https://jira.example.com/browse/CHG-1' },
        glass,
        tupleHash: TUPLE,
        projects: [project.key],
        usedAt: '2026-03-01T10:30:00Z',
        due: '2026-03-03T12:00:00Z',
        review: { status: 'in-review', round: 2, moveId: OPENED.id, given: [], ...review },
        revision: change.revision,
        plans: [{ ...project, plan: { ...plan, demand } }],
        rejections: [],
      },
    ],
  } as unknown as Change;
  const moved: string[] = [];
  const silent = new Proxy(
    {},
    { get: () => async () => Promise.reject(new Fault('silent', 'nobody answers', { retryable: true })) },
  );
  const context = {
    codeHost: silent,
    checks: silent,
    source: silent,
    catalogue: silent,
    releaseDesk: silent,
    directory: { read: async () => ({ people: [ANN, APPROVER, CARLA, OPERATOR, STAND_IN], unseen: [] }) },
    settings: {
      ticketBot: BOT,
      externalUrl: 'https://countersign.test',
      gates: { exclusions: [], planMaxAgeSeconds: 86_400, pipelineRequired: false, voidedBy: 'inputs' },
    },
    ledger: {
      change: async () => owed,
      now: async () => '2026-03-01T12:00:00Z',
      auditOf: async () => ({ entries: 1, covered: true }),
      mandates: { recent: async () => [] },
    },
    ticketing: {
      read: async () => reading(moves),
      comment: async () => undefined,
      async move(_: string, __: unknown, to: string) {
        moved.push(to);
        return { moved: true, moveId: 'm9' };
      },
    },
  } as unknown as WorkerContext;
  return {
    moved,
    judged: async () => {
      const job = { changeId: 'c1', payload: { key: 'CHG-1' } } as Job<{ key: string }>;
      const said = await reviewDebt(context, job);
      return (said?.fact as FactOf<'debt-judged'> | undefined)?.judgement;
    },
  };
}

const STAND_IN: Person = {
  ...CARLA,
  id: 'sten',
  name: 'sten',
  gitlabIds: [22],
  jiraAccounts: ['jira-sten'],
  emails: ['sten@example.com'],
  standsInFor: [{ person: 'cleo', groups: [], until: '2026-04-01T00:00:00Z' }],
};

const ASKED_ON = move('m3', 'approved', 'in-review', BOT);
const BY_ANN = move('m4', 'in-review', 'approved', AUTHOR.jiraAccount);
const ASKED_ON_AGAIN = move('m5', 'approved', 'in-review', BOT);
const BY_CARLA = move('m6', 'in-review', 'approved', 'jira-carla');

describe('two approvals afterwards', () => {
  test('are not enough where one is the author’s; that one drops, and the other stands', async () => {
    const { judged } = owing({ given: [VERDICT] }, [OPENED, APPROVED, ASKED_ON, BY_ANN]);
    expect(await judged()).toMatchObject({
      kind: 'more-wanted',
      given: [{ moveId: 'm2' }],
      dropped: ['m4'],
    });
  });

  test('pay, whoever’s approval was dropped between them', async () => {
    const moves = [OPENED, APPROVED, ASKED_ON, BY_ANN, ASKED_ON_AGAIN, BY_CARLA];
    const { judged } = owing({ given: [VERDICT], dropped: ['m4'] }, moves);
    expect(await judged()).toMatchObject({
      kind: 'approved',
      verdicts: [{ moveId: 'm2' }, { moveId: 'm6' }],
    });
  });

  test('are asked for again where the ticket still stands at one that was dropped', async () => {
    const { judged, moved } = owing({ given: [VERDICT], dropped: ['m4'] }, [
      OPENED,
      APPROVED,
      ASKED_ON,
      BY_ANN,
    ]);
    expect(await judged()).toBeUndefined();
    expect(moved).toEqual(['in-review']);
  });

  test('are not given in the stead of whoever broke the glass', async () => {
    const bySten = move('m4', 'in-review', 'approved', 'jira-sten');
    const { judged } = owing({ given: [VERDICT] }, [OPENED, APPROVED, ASKED_ON, bySten]);
    expect(await judged()).toMatchObject({
      kind: 'not-counting',
      why: expect.stringMatching(/sten/) as string,
    });
  });
});
