import { z } from 'zod';
import type { StatusPlace } from '#app/ports/code-host.ts';
import { canonicalHash } from '#domain/canonical-hash.ts';
import { commitStatus } from '#messages/commit-status.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';

const KIND = 'status';

/**
 * One commit status for the revision, with a link to its page. Where it stands is kept, so that it moves on there, is
 * ended when the next revision has one, and follows the head to a newer pipeline.
 */
export async function publishStatus(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const { conversation, ledger } = context;
  const change = await changeOf(context, job);
  const { mergeRequest, merge, revision } = change;
  if (revision === undefined) return undefined;
  const published = await ledger.published(change.id, KIND);
  const before = placeOf(published?.ref);
  // Nobody merges what is closed; only what still runs there is ended.
  if (merge.status === 'closed' && before?.running !== true) return undefined;
  const { state, description } = commitStatus(change);
  const hash = canonicalHash([revision.headSha, state, description]);
  if (published?.hash === hash) return undefined;
  const place = await conversation.putStatus(
    {
      mergeRequest,
      sha: revision.headSha,
      ref: revision.sourceBranch,
      state,
      description,
      url: changeUrl(context, change),
    },
    before,
  );
  await ledger.setPublished(change.id, KIND, { hash, ref: place ?? null });
  return undefined;
}

/** The head has a pipeline on which our status does not stand yet: it is set anew, there. */
export async function followPipeline(
  { desk, ledger }: WorkerContext,
  changeId: string,
  pipelineId: number,
): Promise<void> {
  const published = await ledger.published(changeId, KIND);
  const place = placeOf(published?.ref);
  if (place === undefined || place.pipelineId === pipelineId) return;
  await ledger.setPublished(changeId, KIND, { hash: '', ref: place });
  await desk.request(changeId, { type: 'publish-status' });
}

function placeOf(ref: unknown): StatusPlace | undefined {
  const { data } = statusPlace.safeParse(ref);
  if (data === undefined) return undefined;
  const { pipelineId, ...place } = data;
  return pipelineId === undefined ? place : { ...place, pipelineId };
}

const statusPlace = z.object({
  head: z.string(),
  sha: z.string(),
  ref: z.string(),
  pipelineId: z.number().optional(),
  running: z.boolean(),
});
