import type { TicketOutcome } from '#domain/change.ts';
import type { TicketStatus } from '#domain/fact.ts';
import { refOf } from '#domain/mandate.ts';
import { closingComment } from '#messages/ticket-comments.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { refused } from './withdraw-ticket.ts';

interface Payload {
  key: string;
  outcome: TicketOutcome;
  reason: string;
}

const FINAL: Record<TicketOutcome, TicketStatus> = {
  done: 'done',
  failed: 'failed',
  partial: 'failed',
  superseded: 'superseded',
  'no-changes': 'superseded',
  cancelled: 'superseded',
  expired: 'expired',
};
const OPEN: readonly TicketStatus[] = ['requested', 'in-review', 'approved', 'applying'];

/** Ends a ticket: the result with the log's checkpoint as its last comment, so that JIRA witnesses the log, then the move. */
export async function closeTicket(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const { ticketing } = context;
  const { key, outcome, reason } = job.payload;
  const change = await changeOf(context, job);
  const checkpoint = await context.checkpoint();
  const used = (await context.ledger.mandates.usedOn(key)).map((each) => ({
    ...refOf(each),
    kind: each.terms.kind,
  }));
  const comment = closingComment({
    key,
    change,
    outcome,
    reason,
    checkpoint,
    used,
    pageUrl: changeUrl(context, change),
  });
  await ticketing.comment(key, `closing-${change.id}`, comment);
  // What was approved afterwards goes the way of what is approved beforehand.
  if (change.debts?.some((debt) => debt.ticket.key === key) === true)
    await ticketing.move(key, ['approved'], 'applying');
  const moved = await ticketing.move(key, OPEN, FINAL[outcome]);
  // A rejected ticket is over as it is; what followed stands in the comment.
  const ended = moved.moved || moved.status === FINAL[outcome] || moved.status === 'rejected';
  if (!ended) throw refused(key, FINAL[outcome], moved.reason);
  const { mergeRequest } = change;
  await ticketing.link(key, {
    globalId: `system=gitlab&id=${mergeRequest.repository}!${mergeRequest.iid}`,
    url: change.url,
    title: `Merge request !${mergeRequest.iid}`,
    resolved: true,
  });
  return { fact: { type: 'ticket-closed', key, checkpoint } };
}
