import type { TagView } from '#app/ports/code-host.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';

interface Payload {
  tag: string;
  sha: string;
  message: string;
}

/** Makes the release tag on the applied commit. A tag that is there is ours if it leads to that commit, and an alarm if not. */
export async function tagRelease(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { tag, sha, message } = job.payload;
  if (change.release.status !== 'tagging' || change.release.tag !== tag) return undefined;
  const { repository } = change.mergeRequest;
  const present = await context.releaseDesk.tag(repository, tag);
  if (present !== undefined) return concluded(tag, sha, present);
  const made = await context.releaseDesk.createTag(repository, tag, sha, message);
  return made.ok
    ? concluded(tag, sha, made.value)
    : { fact: { type: 'release-refused', tag, reason: made.reason } };
}

function concluded(tag: string, wanted: string, { object, sha }: TagView): Conclusion {
  if (sha === wanted)
    return {
      fact: { type: 'release-tagged', tag, sha: wanted, ...(object === undefined ? {} : { object }) },
    };
  const reason = `the tag exists and leads to ${sha}, not to the applied commit ${wanted}`;
  return { fact: { type: 'release-refused', tag, reason } };
}
