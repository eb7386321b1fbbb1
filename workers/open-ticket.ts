import type { Change } from '#domain/change.ts';
import { rollbackLinked } from '#messages/rollback.ts';
import { openedAfter } from '#messages/ticket-comments.ts';
import { ticketContent } from '#messages/ticket-content.ts';
import { changeModel } from './change-model.ts';
import { projectLabels } from './project-labels.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';

interface Payload {
  number: number;
  previous?: string;
}

/** Opens the change's ticket, or finds the one an earlier try opened; links it to the merge request and to its predecessor. */
export async function openTicket(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { number, previous } = job.payload;
  if (change.ticket.status !== 'opening' || change.ticket.number !== number) return undefined;
  const [model, labels] = await Promise.all([changeModel(context, change), projectLabels(context, change)]);
  const { key, url } = await context.ticketing.open({
    changeId: change.id,
    number,
    content: ticketContent({ ...model, tupleHash: undefined, attachments: [], differences: [], labels }),
    binding: { changeId: change.id, revision: change.revision?.number ?? 0, tupleHash: '' },
    mayExist: job.lease.tries > 1,
  });
  const { mergeRequest } = change;
  await context.ticketing.link(key, {
    globalId: `system=gitlab&id=${mergeRequest.repository}!${mergeRequest.iid}`,
    url: change.url,
    title: `Merge request !${mergeRequest.iid}`,
    resolved: false,
  });
  await linkRollback(context, change, { key, url });
  if (previous !== undefined) {
    const told = openedAfter({
      previous: { key: previous, url: url.replace(key, previous) },
      why: `The merge request goes on in revision ${change.revision?.number ?? 0}: ${changeUrl(context, change)}`,
    });
    await context.ticketing.comment(key, `opened-after-${previous}`, told);
  }
  return { fact: { type: 'ticket-opened', number, key, url } };
}

/** The ticket of what is taken back and the one under which that is done know of each other. */
async function linkRollback(
  { ledger, ticketing }: WorkerContext,
  { mergeRequest: { repository }, openedForAuthor, revision }: Change,
  { key, url }: { key: string; url: string },
): Promise<void> {
  if (openedForAuthor !== true || revision === undefined) return;
  const rollback = await ledger.rollback(repository, revision.sourceBranch);
  if (rollback === undefined) return;
  const back = { key: rollback.key, url: url.replace(key, rollback.key) };
  const pairs = [
    { on: key, other: back, takesBack: true },
    { on: back.key, other: { key, url }, takesBack: false },
  ];
  for (const { on, other, takesBack } of pairs) {
    const title = takesBack ? `${other.key}, which this takes back` : `${other.key}, which takes this back`;
    await ticketing.link(on, {
      globalId: `countersign&rollback=${other.key}`,
      url: other.url,
      title,
      resolved: false,
    });
    await ticketing.comment(on, `rollback-ticket-${other.key}`, rollbackLinked({ takesBack, other }));
  }
}
