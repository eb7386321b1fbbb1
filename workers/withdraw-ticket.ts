import { Fault } from '#domain/fault.ts';
import { withdrawnFromReview } from '#messages/ticket-comments.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';

/** Takes the ticket out of review, so that nobody approves what is no longer there. */
export async function withdrawTicket(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const { ticketing } = context;
  const change = await changeOf(context, job);
  const { ticket } = change;
  if (ticket.status !== 'open' || ticket.review.status !== 'withdrawn') return undefined;
  const { key, review } = ticket;
  const moved = await ticketing.move(key, ['in-review', 'approved', 'rejected', 'expired'], 'requested');
  if (!moved.moved && moved.status === 'requested') return undefined;
  if (!moved.moved) throw refused(key, 'Requested', moved.reason);
  const told = withdrawnFromReview({ why: review.why, pageUrl: changeUrl(context, change) });
  await ticketing.comment(key, `withdrawn-${review.round}`, told);
  return { fact: { type: 'ticket-withdrawn', key, round: review.round } };
}

/** The workflow does not let us: somebody has to mend it, and until then it is tried again. */
export function refused(key: string, status: string, reason: string): Fault {
  return new Fault('workflow-refused', `ticket ${key} could not be moved to ${status}: ${reason}`, {
    retryable: true,
  });
}
