import type { Change } from '#domain/change.ts';
import type { TicketReading } from '#domain/fact.ts';
import { disturbanceOf } from '#domain/in-advance.ts';
import { judgeTicket } from '#domain/verdict.ts';

/**
 * Whether the ticket says something else than the change believes: somebody decided, took their decision back, or
 * decided anew after that. What the changelog still holds of a decision does not mean that it still stands.
 */
export function isDecisionNews(
  { ticket }: Pick<Change, 'ticket'>,
  reading: TicketReading,
  bot: string,
): boolean {
  if (ticket.status !== 'open' || ticket.key !== reading.key) return false;
  const { review } = ticket;
  if (review.status === 'standing')
    return !reading.exists || disturbanceOf(reading, review.tupleHash, bot) !== undefined;
  if (review.status !== 'in-review' && review.status !== 'approved') return false;
  const judgement = judgeTicket(reading, review, bot);
  if (judgement.kind === 'in-review' && review.status === 'in-review')
    return !review.given.every(({ moveId }) => judgement.given.some((each) => each.moveId === moveId));
  return (
    judgement.kind !== 'approved' ||
    review.status !== 'approved' ||
    judgement.verdict.moveId !== review.verdict.moveId
  );
}
