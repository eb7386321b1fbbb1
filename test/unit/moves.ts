import type { TicketMove } from '#domain/fact.ts';

/** Moves of a ticket by people of JIRA, made at that time. Each has a digest of its own, by its id. */
export const movesAt =
  (at: string, digestOf: (id: string) => string = (id) => `d${id}`) =>
  (id: string, from: TicketMove['from'], to: TicketMove['to'], account: string): TicketMove => ({
    id,
    from,
    to,
    account,
    accountKind: 'person',
    active: true,
    at,
    digest: digestOf(id),
  });
