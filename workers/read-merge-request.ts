import type { Rollback } from '#app/ledger.ts';
import type { MergeRequestView } from '#app/ports/code-host.ts';
import type { Change } from '#domain/change.ts';
import type { MergeRequestReading } from '#domain/fact.ts';
import { TELL_ALL } from '#domain/telling.ts';
import { refusedAtSight } from './admission.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { readContents } from './read-contents.ts';

/** Re-reads the merge request from GitLab and its commits from git: what it touches, who made it, whether it is planned at all. */
export async function readMergeRequest(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const change = await changeOf(context, job);
  const view = await context.codeHost.mergeRequest(change.mergeRequest, { mergeability: 'at-once' });
  if (view === undefined) return undefined;
  return { fact: { type: 'merge-request-read', reading: await read(context, change, view) } };
}

/** For whom our own account opened it, by our own books; what the merge request says of that is believed in nothing. */
async function openedFor(
  { codeHost, ledger }: WorkerContext,
  { mergeRequest: { repository } }: Change,
  { authorId, sourceBranch, sourceRepository }: MergeRequestView,
): Promise<Rollback | undefined> {
  const self = await codeHost.self();
  if (authorId !== self.id || sourceRepository !== repository) return undefined;
  return ledger.rollback(repository, sourceBranch);
}

async function read(
  context: WorkerContext,
  change: Change,
  view: MergeRequestView,
): Promise<MergeRequestReading> {
  const rollback = await openedFor(context, change, view);
  const reading: MergeRequestReading = {
    mergeRequest: change.mergeRequest,
    url: view.url,
    title: view.title,
    description: view.description,
    ...(rollback === undefined
      ? { author: { id: view.authorId, username: view.authorUsername } }
      : {
          author: { id: rollback.by.gitlabId, username: rollback.by.username },
          openedForAuthor: true as const,
        }),
    state: view.state,
    headSha: view.headSha,
    sourceBranch: view.sourceBranch,
    targetBranch: view.targetBranch,
    targetSha: '',
    ...(view.mergedSha === undefined ? {} : { mergedSha: view.mergedSha }),
  };
  if (view.state !== 'open') return reading;
  const notAdmitted = await refusedAtSight(context, change.mergeRequest, view);
  if (notAdmitted !== undefined) {
    const { silence } = context.settings.admission(change.mergeRequest.repository);
    return { ...reading, notAdmitted, telling: { ...TELL_ALL, ...change.telling, silence } };
  }
  return { ...reading, ...(await readContents(context, change, view, rollback)) };
}
