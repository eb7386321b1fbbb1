import type { TicketMove, TicketReading } from '#domain/fact.ts';
import type { MandateSeen, Person } from '#domain/gates/evidence.ts';
import {
  type Mandate,
  type OperatorGrant,
  type StandingApproval,
  type Terms,
  termsHash,
} from '#domain/mandate.ts';
import { movesAt } from '../moves.ts';

export const BOT = 'bot-account';
export const NOW = '2026-03-01T12:00:00.000Z';

export function person(id: string, ...roles: Person['roles'][number][]): Person {
  return {
    id,
    name: id,
    gitlabIds: [],
    jiraAccounts: [`jira-${id}`],
    emails: [`${id}@example.com`],
    roles,
    groups: [],
  };
}

export const PEOPLE = [person('bob', 'approver'), person('cleo', 'operator'), person('dan', 'approver')];

export const DNS: StandingApproval = {
  kind: 'standing-approval',
  name: 'dns',
  projects: ['biz/dns/**'],
  tier: 'standard',
  most: { destroys: 0, replaces: 0 },
  until: '2026-06-01T00:00:00.000Z',
};

export const NIGHTS: OperatorGrant = {
  kind: 'operator-grant',
  person: 'dan',
  projects: ['fin/**'],
  reason: 'Cleo is away',
  until: '2026-03-08T00:00:00.000Z',
};

export function mandate<T extends Terms>(terms: T, more: Partial<Mandate<T>> = {}): Mandate<T> {
  return {
    id: 'man1',
    terms,
    requestedBy: 'cleo',
    openedAt: '2026-02-01T00:00:00.000Z',
    ticket: { key: 'CHG-7', url: 'https://jira.test/browse/CHG-7', reviewMove: 'm1' },
    heard: { kind: 'nothing' },
    ...more,
  };
}

export const move = movesAt('2026-02-02T09:00:00Z');

export const OPENED = move('m1', 'requested', 'in-review', BOT);

/** The ticket of these terms after these moves of people. */
export function ticketOf(
  terms: Terms,
  moves: readonly TicketMove[] = [move('m2', 'in-review', 'approved', 'jira-bob')],
  more: Partial<TicketReading> = {},
): TicketReading {
  const all = [OPENED, ...moves];
  return {
    key: 'CHG-7',
    status: all.at(-1)?.to ?? 'in-review',
    moves: all,
    boundTuple: termsHash(terms),
    exists: true,
    digest: 'reading',
    ...more,
  };
}

/** The mandate of these terms, approved by Bob, and used on these tickets an hour ago. */
export function inForce<T extends Terms>(terms: T, ...usedOn: string[]): MandateSeen<T> {
  return {
    mandate: mandate(terms),
    ticket: { seen: true, value: ticketOf(terms) },
    uses: usedOn.map((as) => ({ as, at: '2026-03-01T11:00:00.000Z' })),
  };
}
