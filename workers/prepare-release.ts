import { plannedProjects } from '#domain/approved-tuple.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { tagMessage } from '#messages/tag-message.ts';

/** Signs the log's head, which then covers the last apply, and fixes the message of the tag that will carry it. */
export async function prepareRelease(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  if (change.release.status !== 'preparing' || !('key' in change.ticket)) return undefined;
  const checkpoint = await context.checkpoint();
  const message = tagMessage({
    change,
    approvalId: change.ticket.key,
    plans: plannedProjects(change).map(({ key, plan }) => ({ project: key, digest: plan.digest })),
    checkpoint,
    url: changeUrl(context, change),
  });
  return { fact: { type: 'release-prepared', message } };
}
