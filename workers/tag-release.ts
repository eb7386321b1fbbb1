import { pictureOf } from '#domain/tag-standing.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';

interface Payload {
  tag: string;
  sha: string;
  message: string;
}

/**
 * Makes the release tag on the applied commit. A tag that is there is ours if it leads to that commit and carries our
 * message, and an alarm if not.
 */
export async function tagRelease(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { tag, sha, message } = job.payload;
  if (change.release.status !== 'tagging' || change.release.tag !== tag) return undefined;
  const made = await context.releaseDesk.createTag(change.mergeRequest.repository, tag, sha, message);
  if (!made.ok) return { fact: { type: 'release-refused', tag, reason: made.reason } };
  const { object } = made.value;
  const { text } = pictureOf(made.value);
  return {
    fact: { type: 'release-tagged', tag, sha, text, ...(object === undefined ? {} : { object }) },
  };
}
