import type { Review } from '#domain/change.ts';
import { Fault } from '#domain/fault.ts';
import { type Decided, judgeTicket } from '#domain/verdict.ts';
import { askedOn } from '#messages/ticket-comments.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { ticketText } from './ticket-text.ts';
import { refused } from './withdraw-ticket.ts';

type InReview = Extract<Review, { status: 'in-review' }>;

/**
 * Puts the ticket in front of the next approver: those who approved are told what is still wanted, then it goes from
 * Approved to In review. An approval given meanwhile is not undone: only those we know of lead back.
 */
export async function askOn(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { ticket } = change;
  if (ticket.status !== 'open' || ticket.review.status !== 'in-review') return undefined;
  const { key, review } = ticket;
  if (review.wanted === undefined) return undefined;
  const reading = await context.ticketing.read(key);
  // By the same rules as the approvals were heard of: on a service desk they are no moves of the ticket.
  const judgement = judgeTicket(reading, review, context.settings.ticketBot);
  if (judgement.kind === 'not-counting' && judgement.readAgain)
    throw new Fault('torn-reading', judgement.why, { retryable: true });
  if (judgement.kind !== 'approved') return undefined;
  const { given, verdict } = judgement;
  if (![...given, verdict].every((each) => isKnown(review, each))) return undefined;
  const told = askedOn({
    given: review.given.map(({ account, decider }) => decider?.name ?? account),
    wanted: review.wanted,
    pageUrl: changeUrl(context, change),
  });
  await context.ticketing.comment(key, `asked-on-${verdict.moveId}`, told);
  // Whoever opens it next reads there who approved already.
  await context.ticketing.update(key, await ticketText(context, change, review, reading));
  const moved = await context.ticketing.move(key, ['approved'], 'in-review');
  if (moved.moved || moved.status !== 'approved') return undefined;
  throw refused(key, 'In review', moved.reason);
}

function isKnown({ dropped = [], given }: InReview, { moveId }: Decided): boolean {
  return dropped.includes(moveId) || given.some((each) => each.moveId === moveId);
}
