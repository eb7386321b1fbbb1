import { DEFAULT_DEMAND } from '#domain/demand.ts';
import { describe, expect, it } from 'vitest';
import { evaluateGates, verdictRefused } from '#domain/gates/evaluate-gates.ts';
import { APPROVED, APPROVER, AUTHOR, BOT, move, OPERATOR, type Situation, situation } from './evidence.ts';
import { ask, type Case, command, commits, noVerdict, people, see, type Spoil, ticket } from './spoil.ts';

/** Two are asked, and one has approved. */
const oneOfTwo: Spoil = (s) => {
  const { verdict } = s.subject.approval ?? {};
  noVerdict(s);
  const { ticket: open } = s.subject.change;
  if (verdict === undefined || open.status !== 'open') throw new Error('the situation has a verdict');
  const demand = { ...DEFAULT_DEMAND, approvals: [{ id: 'any', count: 2, from: [] }] };
  s.subject.change.projects = s.subject.change.projects.map((each) =>
    'plan' in each ? { ...each, plan: { ...each.plan, demand } } : each,
  );
  const review = {
    status: 'in-review',
    round: 1,
    tupleHash: s.subject.tupleHash,
    moveId: 'm1',
    since: verdict.heardAt,
    given: [verdict],
  } as const;
  s.subject.change.ticket = { ...open, review };
};

/** One part of the directory answers neither at the decision nor now; what the others said then. */
function silent(roles: readonly string[]): Spoil {
  return ({ change, subject }) => {
    change.unseenSources = [{ source: 'LDAP', why: 'timeout' }];
    const { verdict } = subject.approval ?? {};
    if (verdict?.decider !== undefined) verdict.decider = { ...verdict.decider, roles, unseen: ['LDAP'] };
  };
}

const cases: Case[] = [
  [
    'ticket-approved',
    'yes',
    'an approval for the present plan',
    () => {},
    'CHG-1 was approved by bob at 2026-03-01 11:',
  ],
  [
    'ticket-approved',
    'yes',
    'our own start of the apply',
    ticket(APPROVED, move('m3', 'approved', 'applying', BOT)),
    'approved',
  ],
  [
    'ticket-approved',
    'no',
    'a ticket in review',
    (s) => (noVerdict(s), ticket()(s)),
    'in review and not approved yet',
  ],
  [
    'ticket-approved',
    'no',
    'a rejection',
    ticket(move('m2', 'in-review', 'rejected', 'jira-bob')),
    'rejected by bob',
  ],
  [
    'ticket-approved',
    'no',
    'an approval by an app',
    ticket({ ...APPROVED, accountKind: 'app' }),
    "not a person's account",
  ],
  [
    'ticket-approved',
    'no',
    'an approval of another plan',
    (s) => {
      s.subject.tupleHash = 'other';
    },
    'approved for another plan',
  ],
  [
    'ticket-approved',
    'no',
    'no ticket',
    (s) => {
      s.subject.change.ticket = { status: 'none', number: 0 };
    },
    'no open ticket',
  ],
  [
    'ticket-approved',
    'unknown',
    'JIRA out of reach',
    (s) => {
      s.change.ticket = { seen: false, why: 'timeout' };
    },
    'the ticket could not be read: timeout',
  ],
  [
    'ticket-approved',
    'unknown',
    'a reading in the middle of a move',
    (s) => see(s.change.ticket, { status: 'in-review' }),
    'its status is in-review',
  ],
  ['ticket-approved', 'unknown', 'a decision the core has not seen', noVerdict, 'has just changed'],

  ['approver-allowed', 'yes', 'an approver', () => {}, 'bob has the role approver'],
  ['approver-allowed', 'no', 'nobody', noVerdict, 'nobody has approved yet'],
  ['approver-allowed', 'no', 'the first of two', oneOfTwo, '1 of 2 approvals given'],
  [
    'approver-allowed',
    'no',
    'somebody without the role',
    people(AUTHOR, { ...APPROVER, roles: ['operator'] }),
    'does not have the role approver',
  ],
  ['approver-allowed', 'no', 'an app', ticket({ ...APPROVED, accountKind: 'app' }), "not a person's account"],
  [
    'approver-allowed',
    'no',
    'a deactivated account',
    ticket({ ...APPROVED, active: false }),
    'is deactivated',
  ],
  [
    'approver-allowed',
    'yes',
    'somebody seen to be an approver then and now, whatever else is silent all the time',
    silent(['approver']),
    'bob has the role approver',
  ],
  [
    'approver-allowed',
    'unknown',
    'somebody not seen to be an approver then, as long as that is silent',
    silent([]),
    'whether bob had the role approver when they approved is not known: LDAP: timeout',
  ],
  [
    'approver-allowed',
    'no',
    'our own account',
    (s) => {
      s.change.ticketBot = APPROVER.jiraAccount;
    },
    'our own account cannot approve',
  ],
  [
    'approver-allowed',
    'unknown',
    'somebody unmapped',
    people(AUTHOR),
    'no entry in the people file has jiraAccount jira-bob',
  ],
  ['approver-allowed', 'unknown', 'a move that is not there', ticket(), 'does not hold the approval'],
  [
    'approver-allowed',
    'unknown',
    'JIRA out of reach',
    (s) => {
      s.change.ticket = { seen: false, why: 'timeout' };
    },
    'timeout',
  ],

  ['four-eyes', 'yes', 'an approver who took no part', () => {}, 'took no other part'],
  ['four-eyes', 'yes', 'an operator who took no part', command(OPERATOR.gitlabId), 'took no other part'],
  ['four-eyes', 'no', 'nobody', noVerdict, 'the approval is not complete yet'],
  [
    'four-eyes',
    'no',
    'an approver who is the author',
    (s) => {
      s.subject.change.author.id = APPROVER.gitlabId;
    },
    'they asked for the merge request',
  ],
  [
    'four-eyes',
    'no',
    'an approver who committed',
    commits('BOB@example.com'),
    'committed (e-mail BOB@example.com)',
  ],
  [
    'four-eyes',
    'no',
    'an approver who pushed',
    (s) => {
      s.change.pushers = { seen: true, value: [12] };
    },
    'pushed to its branch',
  ],
  [
    'four-eyes',
    'no',
    'an operator who is the author',
    command(AUTHOR.gitlabId),
    'asked for this change and cannot command',
  ],
  [
    'four-eyes',
    'no',
    'an operator without the role',
    command(APPROVER.gitlabId),
    'does not have the role operator',
  ],
  [
    'four-eyes',
    'unknown',
    'an unmapped operator',
    command(99),
    'no entry in the people file has gitlabId 99',
  ],
  ['four-eyes', 'unknown', 'an unmapped approver', people(AUTHOR, OPERATOR), 'jiraAccount jira-bob'],
  ['four-eyes', 'unknown', 'an unmapped author', people(APPROVER, OPERATOR), 'gitlabId 11'],
  [
    'four-eyes',
    'unknown',
    'an unmapped committer',
    commits('eve@example.com'),
    'no entry in the people file has e-mail eve@example.com',
  ],
  [
    'four-eyes',
    'unknown',
    'an unmapped pusher',
    (s) => {
      s.change.pushers = { seen: true, value: [98] };
    },
    'gitlabId 98',
  ],
  [
    'four-eyes',
    'unknown',
    'unknown pushers',
    (s) => {
      s.change.pushers = { seen: false, why: 'events expired' };
    },
    'events expired',
  ],
  [
    'four-eyes',
    'unknown',
    'unknown commits',
    (s) => {
      delete s.subject.change.revision;
    },
    'no revision was read',
  ],

  ['revision-current', 'yes', 'the planned head', () => {}, 'open at head into main'],
];

describe('the gates about the approval', () => {
  it.each(cases)('%s says %s to %s', (gate, answer, _, spoil, reason) => {
    const result = ask(gate, spoil);
    expect(result).toMatchObject({ gate, answer, reason: expect.stringContaining(reason) });
    expect(result.remedy === '').toBe(answer === 'yes');
  });

  it.each([
    ['the approver may not approve', people(AUTHOR, { ...APPROVER, roles: [] }), true],
    ['the approver approved their own', commits('bob@example.com'), true],
    ['an app approved', ticket({ ...APPROVED, accountKind: 'app' }), true],
    ['the approver is not in the people file', people(AUTHOR), true],
    [
      'JIRA does not answer',
      (s: Situation) => {
        s.change.ticket = { seen: false, why: 'x' };
      },
      false,
    ],
    ['the operator is the author', command(AUTHOR.gitlabId), false],
    [
      'a check fails',
      (s: Situation) => {
        s.project.checks = { seen: true, value: [] };
      },
      false,
    ],
  ] as [string, Spoil, boolean][])('send the ticket back to review when %s: %j', (_, spoil, back) => {
    const s = situation();
    spoil(s);
    expect(verdictRefused(evaluateGates(s.subject, s.change, s.project)) !== undefined).toBe(back);
  });
});
