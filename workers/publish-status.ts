import { canonicalHash } from '#domain/canonical-hash.ts';
import { commitStatus } from '#messages/commit-status.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';

const KIND = 'status';

/** One commit status for the revision, with a link to its page. */
export async function publishStatus(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const { conversation, ledger } = context;
  const change = await changeOf(context, job);
  const { mergeRequest, merge, revision } = change;
  if (revision === undefined || merge.status === 'closed') return undefined;
  const { state, description } = commitStatus(change);
  const hash = canonicalHash([revision.headSha, state, description]);
  if ((await ledger.published(change.id, KIND))?.hash === hash) return undefined;
  await conversation.putStatus({
    repository: mergeRequest.repository,
    iid: mergeRequest.iid,
    sha: revision.headSha,
    ref: revision.sourceBranch,
    state,
    description,
    url: changeUrl(context, change),
  });
  await ledger.setPublished(change.id, KIND, { hash, ref: null });
  return undefined;
}
