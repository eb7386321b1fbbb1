import type { Change, Debt } from '#domain/change.ts';
import type { TimelineItem } from './timeline-item.ts';

export interface TicketView {
  key: string;
  url: string;
  /** What is in front of the approver; for a closed ticket, its outcome. */
  status: string;
  why: string | undefined;
  tupleHash: string | undefined;
}

/** The present ticket as it stands, also while the change is done with it and it waits to be approved afterwards. */
export function ticketOf({ debts = [], ticket }: Pick<Change, 'debts' | 'ticket'>): TicketView | undefined {
  switch (ticket.status) {
    case 'none':
    case 'opening':
      return undefined;
    case 'open': {
      const { key, url, review } = ticket;
      const tupleHash = 'tupleHash' in review ? review.tupleHash : undefined;
      return { key, url, status: review.status, why: 'why' in review ? review.why : undefined, tupleHash };
    }
    case 'closed': {
      const { key, outcome, url } = ticket;
      const debt = debts.find((each) => each.ticket.key === key);
      return debt?.status === 'owed'
        ? { key, url, status: debt.review.status, why: whyAsked(debt.review), tupleHash: debt.tupleHash }
        : { key, url, status: outcome, why: undefined, tupleHash: debt?.tupleHash };
    }
  }
}

function whyAsked(review: Extract<Debt, { status: 'owed' }>['review']): string | undefined {
  if (review.status === 'in-review') return review.wanted;
  return review.status === 'presenting' ? review.why : undefined;
}

/** When a ticket was opened and closed. One that is to be approved afterwards is closed once it is, not with its change. */
export function ticketEvents(
  row: { key: string; opened_at: Date; closed_at: Date | null; outcome: string | null },
  debts: readonly Debt[] = [],
): TimelineItem[] {
  const { closed_at: closed, key, opened_at: opened, outcome } = row;
  const opening = { at: opened.toISOString(), tone: 'plain', what: `Ticket ${key} opened` } as const;
  const debt = debts.find((each) => each.ticket.key === key);
  if (closed === null || debt?.status === 'owed') return [opening];
  const at = [closed.toISOString(), ...(debt === undefined ? [] : [debt.paidAt])].sort().at(-1) ?? '';
  return [opening, { at, tone: 'plain', what: `Ticket ${key} closed as ${outcome ?? 'done'}` }];
}
