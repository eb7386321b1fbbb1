import type { TicketBinding, TicketContent } from '#app/ports/ticketing.ts';
import type { Change, Review } from '#domain/change.ts';
import type { TicketReading } from '#domain/fact.ts';
import { workPlanOf } from '#domain/work-plan.ts';
import type { PlanComparison } from '#messages/answer-diff.ts';
import { ticketContent } from '#messages/ticket-content.ts';
import type { WorkPlanEdit } from '#messages/ticket-difference.ts';
import { blastRadiusOf } from './blast-radius.ts';
import { changeModel } from './change-model.ts';
import { compareWithApproved } from './compare-plans.ts';
import type { WorkerContext } from './context.ts';
import { standingApprovalFor } from './mandates-seen.ts';
import { projectLabels } from './project-labels.ts';
import { type TicketFile, ticketFiles } from './ticket-files.ts';

/** A review whose plans are, or are about to be, in front of an approver. */
type Open = Extract<Review, { status: 'presenting' | 'in-review' }>;

/** All that a ticket is to hold about the present plans. */
export interface TicketText {
  content: TicketContent;
  binding: TicketBinding;
  attachments: TicketFile[];
  /** What came out differently than what an approver has seen before. */
  differences: readonly PlanComparison[];
}

/** What the change's ticket says of its plans now; `reading` tells whether an approver has seen earlier ones on it. */
export async function ticketText(
  context: WorkerContext,
  change: Change,
  review: Open,
  reading: TicketReading,
): Promise<TicketText> {
  const isFirst = !wasSeen(reading, review);
  const [model, attachments, compared, blast, labels, standing] = await Promise.all([
    changeModel(context, change),
    ticketFiles(context, change),
    isFirst ? [] : compareWithApproved(context, change),
    blastRadiusOf(context, change),
    projectLabels(context, change),
    review.status === 'presenting' && review.inAdvance === true
      ? standingApprovalFor(context, change)
      : undefined,
  ]);
  const differences = isShownAlready(reading, review) ? compared.filter(hasBase) : compared;
  const workPlanEdit = isFirst ? undefined : editOf(change);
  const { round, tupleHash } = review;
  return {
    content: ticketContent({
      ...model,
      tupleHash,
      attachments,
      differences,
      labels,
      ...(workPlanEdit === undefined ? {} : { workPlanEdit }),
      ...(blast === undefined ? {} : { blast }),
      ...previousOf(change),
      ...(standing === undefined ? {} : { standing }),
    }),
    binding: { changeId: change.id, revision: change.revision?.number ?? 0, tupleHash, round },
    attachments,
    differences,
  };
}

/** Whether the ticket was in review before this one was opened. */
function wasSeen({ moves }: TicketReading, review: Open): boolean {
  const opening = review.status === 'presenting' ? -1 : moves.findIndex(({ id }) => id === review.moveId);
  const before = opening === -1 ? moves : moves.slice(0, opening);
  return before.some(({ to }) => to === 'in-review');
}

/** The ticket asks again about the very plans that it shows: none of them is new on it for want of an earlier one. */
function isShownAlready({ boundTuple }: TicketReading, { tupleHash }: Open): boolean {
  return boundTuple === tupleHash;
}

const hasBase = ({ base }: PlanComparison): boolean => base !== undefined;

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
