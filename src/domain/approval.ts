import { currentTupleHash } from './approved-tuple.ts';
import type { Change, Verdict } from './change.ts';

/** What lets the plans of a change be applied, as far as an approval goes. */
export interface Approval {
  kind: 'decided';
  /** What was approved. */
  tupleHash: string;
  /** The last decision on the ticket; with it the ticket came to Approved. */
  verdict: Verdict;
  /** Those that were given before it and count with it. */
  given: readonly Verdict[];
}

/**
 * The approval of every plan of the change as it stands now, if there is one. While a project is planned again the approval
 * approves nothing: what the new plan says is not known yet, and it takes the old one's place only if equal.
 */
export function approvalInForce(change: Change): Approval | undefined {
  const { ticket } = change;
  if (ticket.status !== 'open' || ticket.review.status !== 'approved') return undefined;
  const { given, tupleHash, verdict } = ticket.review;
  return tupleHash === currentTupleHash(change) ? { kind: 'decided', tupleHash, verdict, given } : undefined;
}
