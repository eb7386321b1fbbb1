import { z } from 'zod';
import type { NamedStatus, StatusPlace } from '#app/ports/code-host.ts';
import { canonicalHash } from '#domain/canonical-hash.ts';
import type { Change } from '#domain/change.ts';
import { commitStatus, projectStatus } from '#messages/commit-status.ts';
import { projectUrl } from '#messages/note-model.ts';
import { keepsQuiet } from '#messages/silence.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';

const KIND = 'status';
/** The pipeline that the head was last heard to have; its own row, so that no status under way writes over it. */
const HEARD = 'status-pipeline';

/**
 * One commit status for the revision, with a link to its page, and one beside it for each project where the repository
 * wants them. Where they stand is kept, so that they move on there, are ended when the next revision has its own, and
 * follow the head to a newer pipeline. Equal ones are not sent again.
 */
export async function publishStatus(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const { conversation, desk, ledger } = context;
  const change = await changeOf(context, job);
  const { mergeRequest, merge, revision } = change;
  if (revision === undefined) return undefined;
  const [published, heard] = await Promise.all([
    ledger.published(change.id, KIND),
    ledger.published(change.id, HEARD),
  ]);
  const before = placeOf(published?.ref);
  // Nobody merges what is closed; only what still runs there is ended.
  if (merge.status === 'closed' && before?.running !== true) return undefined;
  if (published === undefined && keepsQuiet(change)) return undefined;
  const url = changeUrl(context, change);
  const { state, description } = commitStatus(change);
  const all = besideOf(change, url);
  const hash = canonicalHash([revision.headSha, state, description, all, heard?.hash ?? '']);
  if (published?.hash === hash) return undefined;
  const told = before?.head === revision.headSha ? toldOf(published?.ref) : {};
  const beside = all.filter((each) => told[each.name] !== each.state);
  const { headSha: sha, sourceBranch: ref } = revision;
  const place = await conversation.putStatus(
    { mergeRequest, sha, ref, state, description, url, beside },
    before,
  );
  if (place === undefined) {
    await ledger.setPublished(change.id, KIND, { hash, ref: null });
    return undefined;
  }
  // On another pipeline than last time, nothing of what was told stands.
  const isAnew = before !== undefined && before.pipelineId !== place.pipelineId;
  const kept = isAnew ? {} : told;
  const now = { ...kept, ...Object.fromEntries(beside.map((each) => [each.name, each.state])) };
  const isWhole = all.every(({ name }) => now[name] !== undefined);
  await ledger.setPublished(change.id, KIND, { hash: isWhole ? hash : '', ref: { ...place, told: now } });
  if (!isWhole) await desk.request(change.id, { type: 'publish-status' });
  return undefined;
}

/** The statuses of the projects that were planned, each with a link to where it is shown. */
function besideOf(change: Change, pageUrl: string): NamedStatus[] {
  if (change.telling?.projectStatuses !== true) return [];
  return change.projects.flatMap((project) => {
    const status = projectStatus(project);
    return status === undefined
      ? []
      : [{ ...status, name: project.key, url: projectUrl(pageUrl, project.key) }];
  });
}

/** The head has a pipeline on which our status does not stand yet: it is set anew, there. */
export async function followPipeline(
  { desk, ledger }: WorkerContext,
  changeId: string,
  pipelineId: number,
): Promise<void> {
  const published = await ledger.published(changeId, KIND);
  if (placeOf(published?.ref)?.pipelineId === pipelineId) return;
  await ledger.setPublished(changeId, HEARD, { hash: String(pipelineId), ref: null });
  await desk.request(changeId, { type: 'publish-status' });
}

function placeOf(ref: unknown): StatusPlace | undefined {
  const { data } = statusPlace.safeParse(ref);
  if (data === undefined) return undefined;
  const { pipelineId, beside, ...place } = data;
  return {
    ...place,
    ...(pipelineId === undefined ? {} : { pipelineId }),
    ...(beside === undefined ? {} : { beside }),
  };
}

/** The states that were told last, by project. */
function toldOf(ref: unknown): Readonly<Record<string, string>> {
  return toldStates.safeParse(ref).data?.told ?? {};
}

const toldStates = z.object({ told: z.record(z.string(), z.string()) });

const statusPlace = z.object({
  head: z.string(),
  sha: z.string(),
  ref: z.string(),
  pipelineId: z.number().optional(),
  running: z.boolean(),
  beside: z.array(z.string()).optional(),
});
