import { currentTupleHash } from './approved-tuple.ts';
import type { ConfirmedGlass } from './break-glass.ts';
import type { Change, Review, Verdict } from './change.ts';
import type { MandateRef } from './mandate.ts';

/** What lets the plans of a change be applied, as far as an approval goes. */
export type Approval = DecidedApproval | InAdvance | BrokenGlass;

/** People decided on the ticket. */
export interface DecidedApproval {
  kind: 'decided';
  /** What was approved. */
  tupleHash: string;
  /** The last decision on the ticket; with it the ticket came to Approved. */
  verdict: Verdict;
  /** Those that were given before it and count with it. */
  given: readonly Verdict[];
}

/** Approved in advance, if a standing approval covers it; which one that is, the gates find out. */
export interface InAdvance {
  kind: 'standing';
  tupleHash: string;
  mandate?: MandateRef;
  verdict?: undefined;
}

/** Nobody has decided yet: an operator broke the glass, and a second person confirmed it. It is approved afterwards. */
export interface BrokenGlass {
  kind: 'break-glass';
  tupleHash: string;
  glass: ConfirmedGlass;
  verdict?: undefined;
}

/**
 * The approval of every plan of the change as it stands now, if there is one; of one project's where it is named, since
 * glass is broken for some of them only. While a project is planned again the approval approves nothing: what the new plan
 * says is not known yet, and it takes the old one's place only if equal.
 */
export function approvalInForce(change: Change, project?: string): Approval | undefined {
  return brokenGlass(change, project) ?? approvalOnTicket(change);
}

/** Approvals that stand while the ticket asks for more, oldest first; none when it does not ask. */
export function approvalsSoFar({ ticket }: Change): readonly Verdict[] {
  return ticket.status === 'open' && ticket.review.status === 'in-review' ? ticket.review.given : [];
}

/** Whether the plans of the review may be applied, as far as an approval goes. */
export function isApproving(review: Review): review is Extract<Review, { status: 'approved' | 'standing' }> {
  return review.status === 'approved' || review.status === 'standing';
}

function approvalOnTicket(change: Change): DecidedApproval | InAdvance | undefined {
  const { ticket } = change;
  if (ticket.status !== 'open' || !isApproving(ticket.review)) return undefined;
  const { review } = ticket;
  const { tupleHash } = review;
  if (tupleHash !== currentTupleHash(change)) return undefined;
  if (review.status === 'approved')
    return { kind: 'decided', tupleHash, verdict: review.verdict, given: review.given };
  const { mandate } = review;
  return { kind: 'standing', tupleHash, ...(mandate === undefined ? {} : { mandate }) };
}

function brokenGlass(change: Change, project: string | undefined): BrokenGlass | undefined {
  const { breakGlass: glass, ticket } = change;
  if (glass?.status !== 'confirmed' || ticket.status !== 'open') return undefined;
  if (project !== undefined && !glass.projects.includes(project)) return undefined;
  const { tupleHash } = glass;
  return tupleHash === currentTupleHash(change) ? { kind: 'break-glass', tupleHash, glass } : undefined;
}
