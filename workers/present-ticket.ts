import type { TicketAttachment } from '#app/ports/ticketing.ts';
import { plannedProjects } from '#domain/approved-tuple.ts';
import type { Change, Review } from '#domain/change.ts';
import type { TicketReading } from '#domain/fact.ts';
import type { PlanComparison } from '#messages/answer-diff.ts';
import { planFileName, plansFileName } from '#messages/plan-files.ts';
import { backInReview, decisionDoesNotCount } from '#messages/ticket-comments.ts';
import { ticketContent } from '#messages/ticket-content.ts';
import { changeModel } from './change-model.ts';
import { comparePresentPlans } from './compare-plans.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { ticketRead } from './read-decisions.ts';
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
  const moveId =
    presentedAlready(context, reading, review) ?? (await present(context, change, key, review, reading));
  const { round, tupleHash } = review;
  return { fact: { type: 'ticket-presented', key, round, tupleHash, moveId } };
}

/**
 * An earlier try got as far as the move, and only its recording is missing. Somebody may have decided since: that
 * counts, so it must not be undone. The ticket is bound for a round before it is moved, and never while it is in review.
 */
function presentedAlready(
  { settings }: WorkerContext,
  { status, moves, boundTuple, boundRound }: TicketReading,
  { round, tupleHash }: Presenting,
): string | undefined {
  const ours = moves.findLast(({ account }) => account === settings.ticketBot);
  const asks = status === 'in-review' || status === 'approved' || status === 'rejected';
  const isThis = boundTuple === tupleHash && boundRound === round;
  return asks && isThis && ours?.to === 'in-review' ? ours.id : undefined;
}

async function present(
  context: WorkerContext,
  change: Change,
  key: string,
  review: Presenting,
  reading: TicketReading,
): Promise<string> {
  const { ticketing } = context;
  if (reading.status !== 'requested') await moveTo(context, key, 'requested');
  const planned = plannedProjects(change).map((project) => project.key);
  const [model, attachments, differences] = await Promise.all([
    changeModel(context, change),
    attachmentsOf(context, change, review.tupleHash),
    // At the first review nobody has seen an earlier plan.
    review.round > 1 ? comparePresentPlans(context, change, planned) : [],
  ]);
  await explain(context, change, key, review, reading, differences);
  const names = attachments.map(({ name }) => name);
  await ticketing.update(key, {
    content: ticketContent({ ...model, tupleHash: review.tupleHash, attachments: names, differences }),
    binding: {
      changeId: change.id,
      revision: change.revision?.number ?? 0,
      tupleHash: review.tupleHash,
      round: review.round,
    },
    attachments,
  });
  return moveTo(context, key, 'in-review');
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
  { round, why }: Presenting,
  { status }: TicketReading,
  differences: readonly PlanComparison[],
): Promise<void> {
  // Part of it was applied under this ticket already: a later wave brings it back.
  if (change.ticket.status === 'open' && change.ticket.spent) {
    const told = backInReview({
      why: why ?? 'the plan came out differently',
      differences,
      pageUrl: changeUrl(context, change),
    });
    await context.ticketing.comment(key, `back-in-review-${round}`, told);
  }
  if (status !== 'approved' && status !== 'rejected') return;
  const told = decisionDoesNotCount({
    decision: status,
    why: why ?? 'it was made before the present plan came to review',
    pageUrl: changeUrl(context, change),
  });
  await context.ticketing.comment(key, `not-counting-${round}`, told);
}

/** More plans than this are attached as one file: each file costs a call. */
const MOST_FILES = 10;

/** The redacted plans, as text; a name is one content for ever, so that nothing is attached twice. */
async function attachmentsOf(
  { ledger }: WorkerContext,
  change: Change,
  tupleHash: string,
): Promise<TicketAttachment[]> {
  const planned = plannedProjects(change);
  const found = await ledger.planFiles(planned.map(({ plan }) => plan.planRunId));
  const runs = new Map(found.map((run) => [run.id, run]));
  const texts = planned.flatMap(({ key, plan }) => {
    const text = runs.get(plan.planRunId)?.planText;
    return text === undefined ? [] : [{ key, digest: plan.digest, text }];
  });
  if (texts.length <= MOST_FILES)
    return texts.map(({ key, digest, text }) => textFile(planFileName(key, digest), text));
  const all = texts.map(({ key, digest, text }) => `==== ${key}\n==== plan digest ${digest}\n\n${text}`);
  return [textFile(plansFileName(tupleHash), all.join('\n\n'))];
}

function textFile(name: string, text: string): TicketAttachment {
  return { name, mediaType: 'text/plain', content: Buffer.from(text) };
}
