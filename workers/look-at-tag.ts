import { approvalOfTag } from '#domain/release-tag.ts';
import { pictureOf, samePicture, tagStanding } from '#domain/tag-standing.ts';
import type { Conclusion, Job, WorkerContext } from './context.ts';

/** Looks at one release tag in GitLab, and records when it does not stand as it did when it was looked at last. */
export async function lookAtTag(
  { ledger, log, releaseDesk }: WorkerContext,
  { changeId, payload: { repository, tag } }: Job<{ repository: number; tag: string }>,
): Promise<Conclusion> {
  const before = await ledger.releaseTag(repository, tag);
  const present = await releaseDesk.tag(repository, tag);
  const found = present && pictureOf(present);
  // In this order: what is made and recorded meanwhile shows in one of the two.
  const change = await ledger.change(changeId);
  const record = await ledger.releaseTag(repository, tag);
  const isMadeNow = change?.release.status === 'tagging' && change.release.tag === tag;
  if (isMadeNow || !samePicture(before?.made, record?.made)) return undefined;
  if (samePicture(record?.seen, found)) return undefined;
  const made = record?.made;
  if (change === undefined || change.mergeRequest.repository !== repository) {
    const actor = { kind: 'service', component: 'look-at-tag' } as const;
    const isNews = await ledger.seeForeignTag({ repository, tag }, found, actor);
    if (isNews && found !== undefined) {
      const told = { repository, approvalId: approvalOfTag(tag), status: 'unrecorded' };
      log.error(told, 'a release tag stands for which nothing was released');
    }
    return undefined;
  }
  return {
    fact: {
      type: 'release-tag-seen',
      tag,
      standing: tagStanding(made, found),
      ...(made === undefined ? {} : { made }),
      ...(found === undefined ? {} : { found }),
    },
  };
}
