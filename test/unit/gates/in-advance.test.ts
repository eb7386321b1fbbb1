import { describe, expect, test } from 'vitest';
import { DEFAULT_DEMAND } from '#domain/demand.ts';
import { approverAllowed } from '#domain/gates/approver-allowed.ts';
import { mandateOf } from '#domain/gates/evaluate-gates.ts';
import { fourEyes } from '#domain/gates/four-eyes.ts';
import { ticketApproved } from '#domain/gates/ticket-approved.ts';
import type { StandingApproval } from '#domain/mandate.ts';
import { inForce, mandate, NIGHTS, ticketOf } from '../mandates/mandates.ts';
import {
  APPROVER,
  AUTHOR,
  BOT,
  move,
  OPERATOR,
  reading,
  type Situation,
  situation,
  TUPLE,
  commander,
} from './evidence.ts';

const NETWORK: StandingApproval = {
  kind: 'standing-approval',
  name: 'networks',
  projects: ['fin/**'],
  tier: 'standard',
  most: { changesPerDay: 5, destroys: 0, replaces: 0 },
  until: '2026-06-01T00:00:00.000Z',
};

/** A standard change that the standing approval covers: every gate says yes. */
function standard(): Situation {
  const found = situation();
  const { subject } = found;
  const demand = { ...DEFAULT_DEMAND, tier: 'standard', standing: true as const };
  const plan = { ...subject.plan, demand };
  const projects = subject.change.projects.map((each) => ({ ...each, plan }) as typeof each);
  const ticket = subject.change.ticket;
  if (ticket.status !== 'open') throw new Error('no ticket');
  const review = { status: 'standing', round: 1, tupleHash: TUPLE, since: '2026-03-01T11:00:00Z' } as const;
  return {
    subject: {
      ...subject,
      plan,
      change: { ...subject.change, projects, ticket: { ...ticket, review } },
      approval: { kind: 'standing', tupleHash: TUPLE },
    },
    change: {
      ...found.change,
      ticketBot: BOT,
      ticket: { seen: true, value: reading([]) },
      mandates: [inForce(NETWORK)],
    },
    project: found.project,
  };
}

const ask = ({ subject, change }: Situation) => ticketApproved(subject, change);

describe('a standard change', () => {
  test('goes by a standing approval in force that covers it; the evidence names it, its ticket, its approver, its use', () => {
    const asked = standard();
    const results = [
      ask(asked),
      approverAllowed(asked.subject, asked.change),
      fourEyes(asked.subject, asked.change),
    ];
    expect(results.map(({ answer }) => answer)).toEqual(['yes', 'yes', 'yes']);
    expect(results[0]).toMatchObject({
      reason:
        'approved in advance: networks (CHG-7), approved by bob at 2026-02-02 09:00 UTC, until 2026-06-01 00:00 UTC; change 1 of 5 within 24 hours, 1 resources, 0 of 0 destroyed, 0 of 0 replaced',
      evidence: {
        tier: 'standard',
        mandate: { id: 'man1', key: 'CHG-7', terms: NETWORK, approval: { person: 'bob', moveId: 'm2' } },
        used: { changes: 1, resources: 1 },
      },
    });
    expect(mandateOf(results)).toEqual({ id: 'man1', key: 'CHG-7', name: 'networks', approver: 'bob' });
    expect(results[1]?.evidence['approvals']).toMatchObject([{ account: 'jira-bob', mandate: 'man1' }]);
    expect(results[2]?.reason).toBe('bob approved and took no other part in the change');
  });

  test('that nothing covers goes to review: no waiting turns that into a yes', () => {
    const asked = standard();
    asked.change.mandates = [];
    expect(ask(asked)).toMatchObject({
      answer: 'no',
      voidsVerdict: true,
      reason: 'no standing approval covers this change: there is none',
    });
    expect(approverAllowed(asked.subject, asked.change).answer).toBe('no');
    expect(fourEyes(asked.subject, asked.change).answer).toBe('no');
    expect(mandateOf([ask(asked)])).toBeUndefined();
  });

  test('is looked at again while a standing approval cannot be read, or its own ticket cannot', () => {
    const unread = standard();
    unread.change.mandates = [{ ...inForce(NETWORK), ticket: { seen: false, why: 'JIRA answered 503' } }];
    const hidden = standard();
    hidden.change.ticket = { seen: false, why: 'JIRA answered 503' };
    for (const asked of [unread, hidden]) {
      const result = ask(asked);
      expect(result).toMatchObject({ answer: 'unknown' });
      expect(result).not.toHaveProperty('voidsVerdict');
    }
    expect(approverAllowed(unread.subject, unread.change).answer).toBe('unknown');
  });

  test.each([
    ['was moved by somebody', reading([move('m1', 'requested', 'rejected', 'jira-eve')])],
    ['was started by somebody', reading([move('m1', 'requested', 'applying', 'jira-eve')])],
    ['is bound to something else', reading([], { boundTuple: 'another' })],
  ])('whose own ticket %s is looked at by somebody', (_, value) => {
    const asked = standard();
    asked.change.ticket = { seen: true, value };
    expect(ask(asked)).toMatchObject({ answer: 'no', voidsVerdict: true });
  });

  test('that somebody rejected earlier is not let through, though the ticket was put back since', () => {
    const rejected = move('m2', 'in-review', 'rejected', 'jira-eve');
    const back = move('m3', 'rejected', 'requested', BOT);
    const asked = standard();
    asked.change.ticket = { seen: true, value: reading([rejected, back]) };
    expect(ask(asked)).toMatchObject({
      answer: 'no',
      voidsVerdict: true,
      disputed: true,
      reason: 'CHG-1: jira-eve rejected it, and nobody approved it since',
    });
    const approved = move('m4', 'in-review', 'approved', APPROVER.jiraAccounts[0] ?? '');
    asked.change.ticket = {
      seen: true,
      value: reading([rejected, back, approved, move('m5', 'approved', 'requested', BOT)]),
    };
    expect(ask(asked).answer).toBe('yes');
  });

  test('may be under way: our own start of it disturbs nothing', () => {
    const asked = standard();
    asked.change.ticket = { seen: true, value: reading([move('m1', 'requested', 'applying', BOT)]) };
    expect(ask(asked).answer).toBe('yes');
  });

  test('of whoever approved the standing approval goes to review', () => {
    const asked = standard();
    const ofAnn = ticketOf(NETWORK, [move('m2', 'in-review', 'approved', AUTHOR.jiraAccounts[0] ?? '')]);
    asked.change.people = [{ ...AUTHOR, roles: ['requester', 'approver'] }, APPROVER, OPERATOR];
    asked.change.mandates = [{ mandate: mandate(NETWORK), ticket: { seen: true, value: ofAnn }, uses: [] }];
    expect(ask(asked).answer).toBe('yes');
    expect(fourEyes(asked.subject, asked.change)).toMatchObject({
      answer: 'no',
      voidsVerdict: true,
      reason: expect.stringContaining('ann approved a change of their own'),
    });
  });
});

describe('an operator by a grant', () => {
  const commanded = (...mandates: Situation['change']['mandates']): Situation => {
    const asked = situation();
    const dan = {
      ...OPERATOR,
      id: 'dan',
      name: 'dan',
      gitlabIds: [14],
      jiraAccounts: ['jira-dan'],
      roles: [],
    };
    const by = { gitlabId: 14, username: 'dan', accessLevel: 40, person: 'dan', roles: ['planner'] };
    asked.change.people = [...asked.change.people, dan];
    asked.change.mandates = mandates;
    asked.change.commanders = [commander(14)];
    return { ...asked, subject: { ...asked.subject, command: { noteId: 1, by } } };
  };

  test('commands what the grant is for, and the evidence has the grant and its ticket', () => {
    const { subject, change } = commanded(inForce(NIGHTS));
    expect(fourEyes(subject, change)).toMatchObject({
      answer: 'yes',
      evidence: { operatorGrant: { id: 'man1', key: 'CHG-7', terms: NIGHTS, approval: { person: 'bob' } } },
    });
  });

  test.each([
    ['there is none', [], 'no', 'dan does not have the role operator'],
    ['it is for other projects', [inForce({ ...NIGHTS, projects: ['biz/**'] })], 'no', 'role operator'],
    ['its time is over', [inForce({ ...NIGHTS, until: '2026-03-01T11:00:00Z' })], 'no', 'time was over'],
    [
      'it cannot be read',
      [{ ...inForce(NIGHTS), ticket: { seen: false, why: 'JIRA answered 503' } as const }],
      'unknown',
      '503',
    ],
  ])('commands nothing when %s', (_, mandates, answer, reason) => {
    const { subject, change } = commanded(...mandates);
    expect(fourEyes(subject, change)).toMatchObject({ answer, reason: expect.stringContaining(reason) });
  });
});
