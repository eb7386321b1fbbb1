import { plannedProjects } from './approved-tuple.ts';
import type { Change } from './change.ts';
import { type Decision, signal, undisturbed, withEffects } from './decision.ts';
import { demandOfAll } from './demand.ts';
import type { FactOf, GateVerdict, TicketReading } from './fact.ts';
import { setReview, voidApproval } from './ticket-steps.ts';
import { moverOf } from './verdict.ts';

/*
 * Standard changes: everything that would be applied is of a tier that may be approved in advance. Nobody is asked; the
 * gates find out whether a standing approval covers it. Where none does the ticket goes to review like any other, and for
 * that plan it stays there.
 */

/** Whether the gates are asked instead of an approver. Nobody's no is passed over by planning or pushing once more. */
export function goesInAdvance(change: Change): boolean {
  if (change.disputed === true) return false;
  const demands = plannedProjects(change).map(({ plan }) => plan.demand);
  return demands.length > 0 && demandOfAll(demands).standing === true;
}

/** Nobody is asked at this moment: the ticket only says what is going to be done. */
export function isInAdvance({ ticket }: Pick<Change, 'ticket'>): boolean {
  if (ticket.status !== 'open') return false;
  const { review } = ticket;
  return review.status === 'standing' || (review.status === 'presenting' && review.inAdvance === true);
}

/** The ticket gets to say what is going to be done; then the gates are asked. */
export function prepare(decision: Decision, tupleHash: string): Decision {
  const { ticket } = decision.change;
  if (ticket.status !== 'open') return decision;
  const round = ticket.review.round + 1;
  const voided = voidApproval(decision, 'the plan is another one');
  const preparing = setReview(voided, { status: 'presenting', round, tupleHash, inAdvance: true });
  return withEffects(preparing, { type: 'present-ticket' });
}

/** The ticket says what is going to be done and is bound to it: the gates may let it through. */
export function onTicketPrepared(change: Change, fact: FactOf<'ticket-prepared'>, at: string): Decision {
  const { ticket } = change;
  if (ticket.status !== 'open' || ticket.key !== fact.key) return undisturbed(change);
  const { review } = ticket;
  if (review.status !== 'presenting' || review.inAdvance !== true) return undisturbed(change);
  const { round, tupleHash } = review;
  if (round !== fact.round || tupleHash !== fact.tupleHash) return undisturbed(change);
  const standing = setReview(undisturbed(change), { status: 'standing', round, tupleHash, since: at });
  return signal(standing, at, { type: 'approved' });
}

/** Under which mandate the gates let it through, as they say now. */
export function noteMandate(decision: Decision, verdicts: readonly GateVerdict[]): Decision {
  const { ticket } = decision.change;
  const mandate = verdicts.findLast((verdict) => verdict.mandate !== undefined)?.mandate;
  if (mandate === undefined || ticket.status !== 'open' || ticket.review.status !== 'standing')
    return decision;
  return setReview(decision, { ...ticket.review, mandate });
}

/** Why a ticket that nobody is to decide on has to be looked at by somebody all the same: it was moved, or bound anew. */
export function disturbanceOf(
  { boundTuple, moves, status }: TicketReading,
  tupleHash: string,
  bot: string,
): string | undefined {
  if (boundTuple !== tupleHash) return 'the ticket is not bound to the present plan any more';
  const said = moves.findLast(
    ({ account, to }) => account !== bot && (to === 'approved' || to === 'rejected'),
  );
  if (said?.to === 'rejected') return `${moverOf(said)} rejected it, and nobody approved it since`;
  if (status === 'requested') return undefined;
  const last = moves.at(-1);
  if (status === 'applying' && last?.account === bot) return undefined;
  return `the ticket was moved to ${status}, though nobody was asked to decide on it`;
}
