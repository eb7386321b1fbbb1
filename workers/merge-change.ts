import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';

/** Merges the merge request at exactly the applied commit; GitLab refuses when its head is another one. */
export async function mergeChange(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const { merge, mergeRequest, release } = change;
  if (release.status !== 'tagged' || (merge.status !== 'merging' && merge.status !== 'refused'))
    return undefined;
  const view = await context.codeHost.mergeRequest(mergeRequest, { mergeability: 'at-once' });
  if (view?.state === 'merged') return { fact: { type: 'merged', sha: view.mergedSha } };
  const merged = await context.releaseDesk.merge(mergeRequest, release.sha);
  return merged.ok
    ? { fact: { type: 'merged', sha: merged.value.sha } }
    : { fact: { type: 'merge-refused', reason: merged.reason } };
}
