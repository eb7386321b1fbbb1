import { describe, expect, test } from 'vitest';
import type { TicketReading } from '#domain/fact.ts';
import { type AroundMandate, heardOf, isFirstHeard, judgeMandate } from '#domain/judge-mandate.ts';
import type { Mandate, Terms } from '#domain/mandate.ts';
import { BOT, DNS, mandate, move, NIGHTS, NOW, PEOPLE, person, ticketOf } from './mandates.ts';

const around: AroundMandate = { at: NOW, bot: BOT, people: PEOPLE, unseenSources: [] };
const judged = (of: Mandate, ticket: TicketReading = ticketOf(of.terms), more: Partial<AroundMandate> = {}) =>
  judgeMandate(of, { seen: true, value: ticket }, { ...around, ...more });
const why = (...args: Parameters<typeof judged>) => {
  const judgement = judged(...args);
  return judgement.kind === 'in-force' ? judgement.kind : `${judgement.kind}: ${judgement.why}`;
};

/** The mandate after a look, with what its ticket was heard to say. */
function hearing<T extends Terms>(
  of: Mandate<T>,
  ...args: [TicketReading?, Partial<AroundMandate>?]
): Mandate<T> {
  const judgement = judged(of, ...args);
  if (judgement.kind === 'unknown') throw new Error(judgement.why);
  return { ...of, heard: heardOf(judgement, of.heard) };
}

describe('a mandate', () => {
  test('is in force once an approver moved its ticket to Approved, and says who that was', () => {
    expect(judged(mandate(DNS))).toEqual({
      kind: 'in-force',
      approval: {
        moveId: 'm2',
        account: 'jira-bob',
        person: 'bob',
        name: 'bob',
        roles: ['approver'],
        decidedAt: '2026-02-02T09:00:00Z',
      },
    });
  });

  test.each<[string, Mandate, Parameters<typeof judged>[1] | undefined, string]>([
    ['whose time is over', mandate({ ...DNS, until: NOW }), undefined, `its time was over on ${NOW}`],
    [
      'that was ended',
      mandate(DNS, { ended: { at: '2026-02-20', reason: 'enough' } }),
      undefined,
      'it was ended on 2026-02-20: enough',
    ],
    [
      'whose ticket was never put to review',
      mandate(DNS, { ticket: { key: 'CHG-7', url: '' } }),
      undefined,
      'its ticket was never put to review',
    ],
    ['that nobody has decided on', mandate(DNS), ticketOf(DNS, []), 'CHG-7 is in review and not approved'],
    [
      'whose approval was taken back',
      mandate(DNS),
      ticketOf(DNS, [
        move('m2', 'in-review', 'approved', 'jira-bob'),
        move('m3', 'approved', 'in-review', 'jira-bob'),
      ]),
      'CHG-7 is in review and not approved',
    ],
    [
      'that was rejected',
      mandate(DNS),
      ticketOf(DNS, [move('m2', 'in-review', 'rejected', 'jira-bob')]),
      'CHG-7 was rejected',
    ],
    [
      'whose terms on the ticket are others',
      mandate(DNS),
      ticketOf({ ...DNS, projects: ['**'] }),
      'CHG-7 is not bound to these terms any more',
    ],
    [
      'whose terms in the books are others',
      mandate({ ...DNS, projects: ['**'] }),
      ticketOf(DNS),
      'CHG-7 is not bound to these terms any more',
    ],
    [
      'that our own account approved',
      mandate(DNS),
      ticketOf(DNS, [move('m2', 'in-review', 'approved', BOT)]),
      'the decision on CHG-7 does not count: our own account moved the ticket to approved',
    ],
    [
      'that was approved from another status',
      mandate(DNS),
      ticketOf(DNS, [
        move('m2', 'in-review', 'rejected', 'jira-bob'),
        move('m3', 'rejected', 'approved', 'jira-bob'),
      ]),
      'the decision on CHG-7 does not count: the ticket came to approved from rejected, not from In review',
    ],
    [
      'that somebody without the role approved',
      mandate(DNS),
      ticketOf(DNS, [move('m2', 'in-review', 'approved', 'jira-cleo')]),
      'cleo, who approved it, did not have the role approver then',
    ],
    [
      'that whoever asked for it approved',
      mandate(DNS, { requestedBy: 'bob' }),
      undefined,
      'bob asked for it and approved it',
    ],
    [
      'that whoever gets the rights approved',
      mandate(NIGHTS),
      ticketOf(NIGHTS, [move('m2', 'in-review', 'approved', 'jira-dan')]),
      'dan approved rights of their own',
    ],
    [
      'that a stranger approved',
      mandate(DNS),
      ticketOf(DNS, [move('m2', 'in-review', 'approved', 'jira-eve')]),
      'no entry in the people file has jiraAccount jira-eve',
    ],
    [
      'whose ticket is gone',
      mandate(DNS),
      ticketOf(DNS, [], { exists: false }),
      'the decision on CHG-7 does not count: the ticket is gone or is no longer ours',
    ],
  ])('%s is not in force', (_, of: Mandate<Terms>, ticket, reason) => {
    expect(why(of, ticket ?? ticketOf(of.terms))).toBe(`not-in-force: ${reason}`);
  });

  test('lives longer than a priority or a due date of its ticket, not than its text', () => {
    const edited = (what: 'fields' | 'description') =>
      why(
        mandate(DNS),
        ticketOf(DNS, undefined, { edits: [{ after: 'm2', account: 'jira-eve', what: [what] }] }),
      );
    expect(edited('fields')).toBe('in-force');
    expect(edited('description')).toContain("changed the ticket's description after it came to review");
  });

  test('falls with its approver: whoever lost the role since, or only got it since, does not carry it', () => {
    const former = [person('bob', 'operator')];
    expect(why(mandate(DNS), undefined, { people: former })).toContain('did not have the role approver then');
    const known = hearing(mandate(DNS));
    expect(why(known, undefined, { people: former })).toBe(
      'not-in-force: bob, who approved it, does not have the role approver any more',
    );
    expect(why(hearing(known, undefined, { people: former }))).toBe('in-force');
  });

  test('that was approved by somebody who was no approver is not in force once they become one', () => {
    const early = hearing(mandate(DNS), undefined, { people: [person('bob')] });
    expect(early.heard).toMatchObject({ decider: { moveId: 'm2', person: 'bob', roles: [] } });
    const reason = 'not-in-force: bob, who approved it, did not have the role approver then';
    expect(why(early)).toBe(reason);
    const anew = ticketOf(DNS, [
      move('m2', 'in-review', 'approved', 'jira-bob'),
      move('m3', 'approved', 'in-review', 'jira-bob'),
      move('m4', 'in-review', 'approved', 'jira-bob'),
    ]);
    expect(why(early, anew)).toBe('in-force');
  });

  test('is not forgotten who decided while its ticket said something else', () => {
    const early = hearing(mandate(DNS), undefined, { people: [person('bob')] });
    const unbound = ticketOf(DNS, undefined, { boundTuple: 'of others' });
    const later = hearing(hearing(early, unbound), ticketOf(DNS, undefined, { exists: false }));
    expect(why(later)).toContain('did not have the role approver then');
    expect(why(hearing(hearing(mandate(DNS)), unbound))).toBe('in-force');
  });

  test('nor is one in force by an account that was nobody’s, or somebody else’s, when it approved', () => {
    const nobodys = hearing(mandate(DNS), undefined, { people: [] });
    expect(why(nobodys)).toBe('not-in-force: nobody was known to be bob, whose account approved it, then');
    const dans = { ...person('dan', 'approver'), jiraAccounts: ['jira-bob'] };
    expect(why(hearing(mandate(DNS), undefined, { people: [dans] }))).toContain('nobody was known to be bob');
  });

  test('is first heard of by a decision that nobody has heard of, whether it counts or not', () => {
    const isFirst = (of: Mandate, ...args: [TicketReading?, Partial<AroundMandate>?]) =>
      isFirstHeard(of.heard, judged(of, ...args));
    expect([isFirst(mandate(DNS)), isFirst(mandate(DNS), undefined, { people: [] })]).toEqual([true, true]);
    expect([isFirst(hearing(mandate(DNS))), isFirst(mandate(DNS), ticketOf(DNS, []))]).toEqual([
      false,
      false,
    ]);
  });

  test('an approval in another’s stead is none: rights for months are given in one’s own name', () => {
    const deputy = { ...person('bob'), standsInFor: [{ person: 'dan', groups: [], until: '2026-04-01' }] };
    expect(why(mandate(DNS), undefined, { people: [deputy] })).toContain('not-in-force');
  });

  test('what cannot be read is unknown, which is no, and never a no for good', () => {
    const gone = judgeMandate(mandate(DNS), { seen: false, why: 'JIRA answered 503' }, around);
    expect(gone).toMatchObject({ kind: 'unknown', why: 'CHG-7 could not be read: JIRA answered 503' });
    const unseenSources = [{ source: 'LDAP', why: 'no answer' }];
    expect(why(mandate(DNS), undefined, { people: [], unseenSources })).toMatch(
      /^unknown: .*LDAP: no answer/,
    );
    expect(why(mandate(DNS), undefined, { people: [person('bob')], unseenSources })).toBe(
      'unknown: whether bob, who approved it, had the role approver then is not known: LDAP: no answer',
    );
    expect(why(mandate(DNS), ticketOf(DNS, undefined, { status: 'in-review' }))).toMatch(/^unknown: /);
  });
});
