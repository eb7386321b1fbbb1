import type { Review } from '#domain/change.ts';
import type { TicketReading } from '#domain/fact.ts';
import { askedOn } from '#messages/ticket-comments.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { ticketText } from './ticket-text.ts';
import { refused } from './withdraw-ticket.ts';

type InReview = Extract<Review, { status: 'in-review' }>;

/**
 * Puts the ticket in front of the next approver: those who approved are told what is still wanted, then it goes from
 * Approved to In review. An approval given meanwhile is not undone: only one we know of leads back.
 */
export async function askOn(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { ticket } = change;
  if (ticket.status !== 'open' || ticket.review.status !== 'in-review') return undefined;
  const { key, review } = ticket;
  if (review.wanted === undefined) return undefined;
  const reading = await context.ticketing.read(key);
  const last = lastApproval(reading);
  if (last === undefined || !isKnown(review, last)) return undefined;
  const told = askedOn({
    given: review.given.map(({ account, decider }) => decider?.name ?? account),
    wanted: review.wanted,
    pageUrl: changeUrl(context, change),
  });
  await context.ticketing.comment(key, `asked-on-${last}`, told);
  // Whoever opens it next reads there who approved already.
  await context.ticketing.update(key, await ticketText(context, change, review, reading));
  const moved = await context.ticketing.move(key, ['approved'], 'in-review');
  if (moved.moved || moved.status !== 'approved') return undefined;
  throw refused(key, 'In review', moved.reason);
}

/** The move by which the ticket came to Approved, where it still is. */
function lastApproval({ exists, moves, status }: TicketReading): string | undefined {
  const last = moves.at(-1);
  return exists && status === 'approved' && last?.to === 'approved' ? last.id : undefined;
}

function isKnown({ dropped = [], given }: InReview, move: string): boolean {
  return dropped.includes(move) || given.some(({ moveId }) => moveId === move);
}
