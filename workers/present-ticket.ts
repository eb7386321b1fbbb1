import type { Change, Review } from '#domain/change.ts';
import type { TicketReading } from '#domain/fact.ts';
import type { PlanComparison } from '#messages/answer-diff.ts';
import { notInAdvance } from '#messages/in-advance.ts';
import { backInReview, decisionDoesNotCount, rejectedBefore } from '#messages/ticket-comments.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { ticketRead } from './read-decisions.ts';
import { ticketText } from './ticket-text.ts';
import { refused } from './withdraw-ticket.ts';

type Presenting = Extract<Review, { status: 'presenting' }>;

/**
 * Puts the present plan in front of the approver: text, plans and binding first, then the move to In review. Only an
 * approval that follows this very move in the changelog counts, so the ticket leaves review before anything is changed.
 */
export async function presentTicket(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { ticket } = change;
  if (ticket.status !== 'open' || ticket.review.status !== 'presenting') return undefined;
  const { key, review } = ticket;
  const reading = await context.ticketing.read(key);
  if (!reading.exists) {
    return { fact: await ticketRead(context, change, reading) };
  }
  const { round, tupleHash } = review;
  if (review.inAdvance === true) {
    await write(context, change, key, review, reading);
    return { fact: { type: 'ticket-prepared', key, round, tupleHash } };
  }
  const moveId =
    presentedAlready(context, reading, review) ?? (await presentPlans(context, change, key, review, reading));
  return { fact: { type: 'ticket-presented', key, round, tupleHash, moveId } };
}

/**
 * An earlier try got as far as the move, and only its recording is missing. Somebody may have decided since: that
 * counts, so it must not be undone. The ticket is bound for a round before it is moved, and never while it is in review.
 */
export function presentedAlready(
  { settings }: WorkerContext,
  { status, moves, boundTuple, boundRound }: TicketReading,
  { round, tupleHash }: Presenting,
): string | undefined {
  const ours = moves.findLast(({ account }) => account === settings.ticketBot);
  const asks = status === 'in-review' || status === 'approved' || status === 'rejected';
  const isThis = boundTuple === tupleHash && boundRound === round;
  return asks && isThis && ours?.to === 'in-review' ? ours.id : undefined;
}

/** Shows the change's plans on its ticket, bound to them, and moves it to In review; the id of that move. */
export async function presentPlans(
  context: WorkerContext,
  change: Change,
  key: string,
  review: Presenting,
  reading: TicketReading,
): Promise<string> {
  await write(context, change, key, review, reading);
  return moveTo(context, key, 'in-review');
}

/** Text, plans and binding, while the ticket is in nobody's hands. */
async function write(
  context: WorkerContext,
  change: Change,
  key: string,
  review: Presenting,
  reading: TicketReading,
): Promise<void> {
  const { ticketing } = context;
  if (reading.status !== 'requested') await moveTo(context, key, 'requested');
  const text = await ticketText(context, change, review, reading);
  await explain(context, change, key, review, reading, text.differences);
  await ticketing.update(key, text);
}

async function moveTo(
  { ticketing }: WorkerContext,
  key: string,
  to: 'requested' | 'in-review',
): Promise<string> {
  const from =
    to === 'in-review'
      ? (['requested'] as const)
      : (['in-review', 'approved', 'rejected', 'applying'] as const);
  const moved = await ticketing.move(key, from, to);
  if (!moved.moved) throw refused(key, to === 'in-review' ? 'In review' : 'Requested', moved.reason);
  return moved.moveId;
}

/** Whoever decided is told why that does not count, or why it does not cover the present plan, before the ticket asks again. */
async function explain(
  context: WorkerContext,
  change: Change,
  key: string,
  { inAdvance, notCovered, round, why }: Presenting,
  { status }: TicketReading,
  differences: readonly PlanComparison[],
): Promise<void> {
  if (inAdvance === true) return;
  const pageUrl = changeUrl(context, change);
  if (notCovered === true)
    await context.ticketing.comment(key, `not-in-advance-${round}`, notInAdvance(why ?? '', pageUrl));
  // Part of it was applied under this ticket already: a later wave brings it back.
  if (change.ticket.status === 'open' && change.ticket.spent) {
    const told = backInReview({
      why: why ?? 'the plan came out differently',
      differences,
      pageUrl,
    });
    await context.ticketing.comment(key, `back-in-review-${round}`, told);
  }
  if (status !== 'approved' && status !== 'rejected') return;
  const told =
    status === 'rejected' && why === undefined
      ? rejectedBefore(pageUrl)
      : decisionDoesNotCount({
          decision: status,
          why: why ?? 'it was made before the present plan came to review',
          pageUrl,
        });
  await context.ticketing.comment(key, `not-counting-${round}`, told);
}
