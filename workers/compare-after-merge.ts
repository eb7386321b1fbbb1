import { inputsIdOf } from '#domain/inputs.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';

/** After the merge: is what now stands on the target branch what was applied? A difference is recorded and raised. */
export async function compareAfterMerge(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const { codeHost, log, source } = context;
  const change = await changeOf(context, job);
  const { mergeRequest, projects, revision, release } = change;
  if (revision === undefined || release.status !== 'tagged') return undefined;
  const { repository } = mergeRequest;
  const target = await codeHost.branch(repository, revision.targetBranch);
  if (target === undefined) return undefined;
  const { headSha: targetSha } = target;
  await source.fetch(repository, [targetSha]);
  const compared = await Promise.all(
    projects.map(async ({ inputPaths, inputsId, key }) => {
      const present = inputsIdOf(await source.pathIds(repository, targetSha, inputPaths));
      return present === inputsId ? [] : [key];
    }),
  );
  const differing = compared.flat();
  if (differing.length > 0) {
    log.error(
      { changeId: change.id, count: differing.length },
      'the merged target branch differs from what was applied',
    );
  }
  return { fact: { type: 'compared-after-merge', differing } };
}
