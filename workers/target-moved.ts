import type { Change } from '#domain/change.ts';
import { Fault } from '#domain/fault.ts';
import type { WorkerContext } from './context.ts';

/**
 * The target branch moved: merge requests are read again where what governs them is another thing now, or could not be
 * read before. That its files changed is asked by the gates; most pushes change nothing that governs.
 *
 * @returns how many are to be read again.
 */
export async function readWhereGovernedAnew(
  context: WorkerContext,
  { repository, branch, after }: { repository: number; branch: string; after: string },
): Promise<number> {
  const changes = await context.ledger.openChanges(repository);
  const anew: Change[] = [];
  for (const change of changes) {
    if (await isGovernedAnew(context, change, branch, after)) anew.push(change);
  }
  await Promise.all(anew.map(({ id }) => context.desk.request(id, { type: 'read-merge-request' })));
  return anew.length;
}

async function isGovernedAnew(
  { catalogue, source }: WorkerContext,
  { mergeRequest: { repository }, notAdmitted, revision }: Change,
  branch: string,
  after: string,
): Promise<boolean> {
  const read =
    notAdmitted?.target ??
    (revision === undefined ? undefined : { branch: revision.targetBranch, sha: revision.targetSha });
  if (read === undefined || read.branch !== branch || read.sha === after) return false;
  if (revision?.boundToTarget === true) return true;
  try {
    await source.fetch(repository, [read.sha, after]);
    return !(await catalogue.governsAlike(repository, read.sha, after));
  } catch (error) {
    // What cannot be compared is read again.
    if (error instanceof Fault) return true;
    throw error;
  }
}
