import { isApproving } from './approval.ts';
import type { Change, Review, Ticket, TicketOutcome } from './change.ts';
import { closeWhenPaid, isOwed } from './debts.ts';
import { attemptOpen, type Decision, withChange, withEffects, withEntry } from './decision.ts';

/** Asks for a ticket unless one is there or on its way. */
export function openTicket(decision: Decision): Decision {
  const { ticket } = decision.change;
  if (ticket.status === 'open' || ticket.status === 'opening') return decision;
  const previous = ticket.status === 'closed' ? ticket.key : ticket.previous;
  const opening = { number: ticket.number + 1, ...(previous === undefined ? {} : { previous }) };
  return withEffects(withChange(decision, { ticket: { status: 'opening', ...opening } }), {
    type: 'open-ticket',
    ...opening,
  });
}

/** Puts a tuple in front of the approver; what was approved before it is void. */
export function present(decision: Decision, tupleHash: string, why?: string): Decision {
  const { ticket } = decision.change;
  if (ticket.status !== 'open') return decision;
  const presenting = setReview(voidApproval(decision, why ?? 'the plan is another one'), {
    status: 'presenting',
    round: ticket.review.round + 1,
    tupleHash,
    ...(why === undefined ? {} : { why }),
    ...(ticket.review.status === 'standing' ? { notCovered: true } : {}),
  });
  return withEffects(presenting, { type: 'present-ticket' });
}

/** Nothing is in front of the approver any more. A ticket whose attempt has started stays where that put it. */
export function withdraw(decision: Decision, why: string): Decision {
  const { ticket } = decision.change;
  if (ticket.status !== 'open') return decision;
  const { round } = ticket.review;
  const withdrawn = setReview(voidApproval(decision, why), { status: 'withdrawn', round: round + 1, why });
  return ticket.spent ? withdrawn : withEffects(withdrawn, { type: 'withdraw-ticket' });
}

/** What was cancelled is not to be approved. */
export function withdrawCancelled(decision: Decision): Decision {
  const { projects, ticket } = decision.change;
  return ticket.status === 'open' && !ticket.spent && projects.some(({ status }) => status === 'cancelled')
    ? withdraw(decision, 'it was cancelled')
    : decision;
}

/** The revision is over: its ticket leaves review at once, or is closed if an attempt has started under it. */
export function takeOutOfReview(decision: Decision, why: string): Decision {
  const { ticket } = decision.change;
  if (ticket.status !== 'open') return decision;
  if (!ticket.spent) return withdraw(decision, why);
  const next: Ticket = { status: 'none', number: ticket.number, previous: ticket.key };
  return withChange(closeTicket(decision, 'failed', why), { ticket: next });
}

/**
 * Ends the ticket with its result: `done` once everything is applied and tagged, `partial` when only some was applied,
 * `failed` when an attempt was started in vain, and `unstarted` when none was.
 */
export function closeTicket(decision: Decision, unstarted: TicketOutcome, reason: string): Decision {
  const { ticket } = decision.change;
  if (ticket.status !== 'open') return decision;
  const { number, key, url } = ticket;
  const outcome = outcomeOf(decision.change, ticket.spent, unstarted);
  const mandate = ticket.review.status === 'standing' ? ticket.review.mandate : undefined;
  const closed: Ticket = {
    status: 'closed',
    number,
    key,
    url,
    outcome,
    ...(mandate === undefined ? {} : { mandate }),
  };
  // What was applied in an emergency is approved there afterwards; the ticket ends with that.
  if (isOwed(decision.change, key))
    return closeWhenPaid(withChange(decision, { ticket: closed }), key, { outcome, reason });
  return withEffects(withChange(decision, { ticket: closed }), {
    type: 'close-ticket',
    key,
    outcome,
    reason,
  });
}

function outcomeOf({ projects, release }: Change, spent: boolean, unstarted: TicketOutcome): TicketOutcome {
  if (release.status === 'tagged') return 'done';
  if (projects.some(({ status }) => status === 'applied')) return 'partial';
  return spent ? 'failed' : unstarted;
}

/** An attempt may be running, or what it came to is being tagged: revision and ticket stay what they are meanwhile. */
export function busy({ projects, release }: Change): boolean {
  return projects.some(attemptOpen) || release.status === 'preparing' || release.status === 'tagging';
}

export function setReview(decision: Decision, review: Review): Decision {
  const { ticket } = decision.change;
  return ticket.status === 'open' ? withChange(decision, { ticket: { ...ticket, review } }) : decision;
}

/** What was approved, by people or in advance, is not any more. */
export function voidApproval(decision: Decision, why: string): Decision {
  const { ticket } = decision.change;
  if (ticket.status !== 'open' || !isApproving(ticket.review)) return decision;
  const { key, review } = ticket;
  const by = review.status === 'approved' ? { moveId: review.moveId } : { mandate: review.mandate?.id };
  return withEntry(decision, 'approval-voided', { key, ...by, why });
}
