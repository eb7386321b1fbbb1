import { currentTupleHash } from './approved-tuple.ts';
import type { ConfirmedGlass } from './break-glass.ts';
import type { ApprovalRef, Change, Review, Verdict } from './change.ts';
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

/** The name of an approval. Which mandate lets through what was approved in advance, the gates find out. */
export function refOf(approval: Approval): ApprovalRef {
  switch (approval.kind) {
    case 'decided':
      return { kind: 'decided', moves: movesOf(approval) };
    case 'standing':
      return { kind: 'standing' };
    case 'break-glass':
      return { kind: 'break-glass', noteId: approval.glass.noteId };
  }
}

/**
 * The very approval that is named, if it is still there for the project; another one does not take its place. Approvals
 * that came to it since, and glass that was broken beside it, do not matter to it.
 */
export function approvalNamed(change: Change, ref: ApprovalRef, project: string): Approval | undefined {
  const found = ref.kind === 'break-glass' ? brokenGlass(change, project) : approvalOnTicket(change);
  return found !== undefined && isNamed(found, ref) ? found : undefined;
}

function isNamed(approval: Approval, ref: ApprovalRef): boolean {
  switch (approval.kind) {
    case 'decided':
      return ref.kind === 'decided' && ref.moves.every((move) => movesOf(approval).includes(move));
    case 'standing':
      return ref.kind === 'standing' && (ref.mandate === undefined || ref.mandate === approval.mandate?.id);
    case 'break-glass':
      return ref.kind === 'break-glass' && ref.noteId === approval.glass.noteId;
  }
}

function movesOf({ given, verdict }: DecidedApproval): string[] {
  return [...given, verdict].map(({ moveId }) => moveId);
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
