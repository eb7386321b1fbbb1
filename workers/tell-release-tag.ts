import { approvalOfTag } from '#domain/release-tag.ts';
import { alteredTagOnTicket, tagIsRightOnTicket } from '#messages/altered-tags.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';

/** Says on the ticket how its release tag stands: one comment, which is edited when that turns. An alarm in the log as well. */
export async function tellReleaseTag(context: WorkerContext, job: Job<{ tag: string }>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { tag } = job.payload;
  const key = approvalOfTag(tag);
  if (key === undefined) return undefined;
  const altered = change.alteredTags?.find((each) => each.tag === tag);
  if (altered !== undefined) {
    const told = { changeId: change.id, approvalId: key, status: altered.standing };
    context.log.error(told, 'a release tag does not stand as it was made');
  }
  const pageUrl = changeUrl(context, change);
  const body =
    altered === undefined ? tagIsRightOnTicket(tag, pageUrl) : alteredTagOnTicket(altered, pageUrl);
  await context.ticketing.putComment(key, `release-tag-${change.id}`, body);
  return undefined;
}
