import type { Change, Review } from '#domain/change.ts';
import type { TicketReading } from '#domain/fact.ts';
import { workPlanOf } from '#domain/work-plan.ts';
import type { PlanComparison } from '#messages/answer-diff.ts';
import { notInAdvance } from '#messages/in-advance.ts';
import { backInReview, decisionDoesNotCount } from '#messages/ticket-comments.ts';
import { ticketContent } from '#messages/ticket-content.ts';
import type { WorkPlanEdit } from '#messages/ticket-difference.ts';
import { blastRadiusOf } from './blast-radius.ts';
import { changeModel } from './change-model.ts';
import { compareWithApproved } from './compare-plans.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { projectLabels } from './project-labels.ts';
import { standingApprovalFor } from './mandates-seen.ts';
import { ticketRead } from './read-decisions.ts';
import { ticketFiles } from './ticket-files.ts';
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
  // At the first review nobody has seen an earlier plan.
  const isFirst = !reading.moves.some(({ to }) => to === 'in-review');
  const [model, attachments, differences, blast, labels, standing] = await Promise.all([
    changeModel(context, change),
    ticketFiles(context, change),
    isFirst ? [] : compareWithApproved(context, change),
    blastRadiusOf(context, change),
    projectLabels(context, change),
    review.inAdvance === true ? standingApprovalFor(context, change) : undefined,
  ]);
  const workPlanEdit = isFirst ? undefined : editOf(change);
  await explain(context, change, key, review, reading, differences);
  await ticketing.update(key, {
    content: ticketContent({
      ...model,
      tupleHash: review.tupleHash,
      attachments,
      differences,
      labels,
      ...(workPlanEdit === undefined ? {} : { workPlanEdit }),
      ...(blast === undefined ? {} : { blast }),
      ...previousOf(change),
      ...(standing === undefined ? {} : { standing }),
    }),
    binding: {
      changeId: change.id,
      revision: change.revision?.number ?? 0,
      tupleHash: review.tupleHash,
      round: review.round,
    },
    attachments,
  });
}

/** The ticket before this one has an address like this one's. */
function previousOf({ ticket }: Change): { previous?: { key: string; url: string } } {
  if (ticket.status !== 'open' || ticket.previous === undefined) return {};
  const { key, previous, url } = ticket;
  return { previous: { key: previous, url: url.replace(key, previous) } };
}

/** What of the work plan reads otherwise than when it was approved last. */
function editOf({ approvedWorkPlan: approved, description }: Change): WorkPlanEdit | undefined {
  return approved === undefined ? undefined : { approved, present: workPlanOf(description).sections };
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
  const told = decisionDoesNotCount({
    decision: status,
    why: why ?? 'it was made before the present plan came to review',
    pageUrl,
  });
  await context.ticketing.comment(key, `not-counting-${round}`, told);
}
