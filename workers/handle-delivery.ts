import type { Change } from '#domain/change.ts';
import { type Conclusion, type Job, type WorkerContext } from './context.ts';
import { followPipeline } from './publish-status.ts';
import { readWhereGovernedAnew } from './target-moved.ts';
import { hintDebt } from './watch-emergencies.ts';
import { hearOfMandate } from './watch-mandates.ts';
import { hintTag } from './watch-tags.ts';

/**
 * A webhook said that something may have happened. It is believed only that far: what it names is read again from
 * GitLab or JIRA, by a job of its own.
 */
export async function handleDelivery(
  context: WorkerContext,
  { payload: { deliveryId } }: Job<{ deliveryId: number }>,
): Promise<Conclusion> {
  const delivery = await context.ledger.delivery(deliveryId);
  if (delivery === undefined || delivery.handled) return undefined;
  const result =
    delivery.source === 'gitlab'
      ? await onGitlab(context, delivery.body)
      : await onJira(context, delivery.body);
  await context.ledger.endDelivery(deliveryId, result);
  return undefined;
}

async function onGitlab(context: WorkerContext, body: string): Promise<string> {
  const hint = context.hints.gitlab(body);
  if (hint.kind === 'ignored') return `ignored: ${hint.why}`;
  if (!context.settings.repositories.includes(hint.repository))
    return 'ignored: a repository that is not configured';
  switch (hint.kind) {
    case 'merge-request':
      await hintMergeRequest(context, hint);
      // A reviewer's approval or a resolved thread may be what a gate waits for.
      await hintSurroundings(
        context,
        hint.repository,
        ({ mergeRequest }) => mergeRequest.iid === hint.iid,
        'the merge request',
      );
      return 'merge request to be read';
    case 'command-note':
      await hintCommand(context, hint);
      return 'note to be read';
    case 'pipeline':
      return onPipeline(context, hint);
    case 'push': {
      const anew = await readWhereGovernedAnew(context, hint);
      const told = await hintSurroundings(
        context,
        hint.repository,
        ({ revision }) => revision?.targetBranch === hint.branch,
        `a push to ${hint.branch}`,
      );
      return `${told}, ${anew} of them to be read again`;
    }
    case 'branch-gone':
      return onBranchGone(context, hint);
    case 'tag-push': {
      const told = await hintSurroundings(
        context,
        hint.repository,
        ({ ticket }) => 'key' in ticket && hint.tag === `release/${ticket.key}`,
        `a push of tag ${hint.tag}`,
      );
      const isRelease = await hintTag(context, hint.repository, hint.tag);
      return isRelease ? `${told}, the tag to be looked at` : told;
    }
  }
}

/** GitLab tells of no merge request that goes for a branch which is no more; those are read again. */
async function onBranchGone(
  context: WorkerContext,
  { repository, branch }: { repository: number; branch: string },
): Promise<string> {
  const changes = (await context.ledger.openChanges(repository)).filter(
    ({ revision }) => revision?.targetBranch === branch,
  );
  await Promise.all(changes.map(({ id }) => context.desk.request(id, { type: 'read-merge-request' })));
  return `${changes.length} merge requests to be read: ${branch} is gone`;
}

/** One of a merged result runs on another commit than the head; then the merge request it names is what it is about. */
async function onPipeline(
  context: WorkerContext,
  hint: Extract<ReturnType<WorkerContext['hints']['gitlab']>, { kind: 'pipeline' }>,
): Promise<string> {
  const { ledger } = context;
  const concerned = ({ mergeRequest, revision }: Change) =>
    revision?.headSha === hint.sha || mergeRequest.iid === hint.iid;
  if (!hint.ofStatuses) {
    const changes = (await ledger.openChanges(hint.repository)).filter(concerned);
    await Promise.all(changes.map(({ id }) => followPipeline(context, id, hint.pipelineId)));
  }
  return hintSurroundings(context, hint.repository, concerned, 'a pipeline');
}

async function onJira(context: WorkerContext, body: string): Promise<string> {
  const hint = context.hints.jira(body);
  if (hint.kind === 'ignored') return `ignored: ${hint.why}`;
  const changeId = await context.ledger.changeOfTicket(hint.key);
  if (changeId === undefined) {
    const isMandate = (await hearOfMandate(context, hint.key)) !== 'no-mandate';
    return isMandate ? 'ticket of a mandate read' : `ignored: ${hint.key} is no ticket of ours`;
  }
  await hintTicket(context, changeId);
  const change = await context.ledger.change(changeId);
  if (change !== undefined) await hintDebt(context, change, hint.key);
  return 'ticket to be read';
}

/** Asks for the merge request to be read; the change begins here when it is the first time. A hint changes nothing, so it is no fact. */
export async function hintMergeRequest(
  context: WorkerContext,
  { repository, iid }: { repository: number; iid: number },
): Promise<void> {
  const changeId = await context.ledger.noticeMergeRequest({ repository, iid });
  await context.desk.request(changeId, { type: 'read-merge-request' });
}

/** Asks for the change's ticket to be read. */
export async function hintTicket(context: WorkerContext, changeId: string): Promise<void> {
  await context.desk.request(changeId, { type: 'read-ticket' });
}

/** Asks for a note to be read, which may be a command. */
export async function hintCommand(
  context: WorkerContext,
  { repository, iid, noteId }: { repository: number; iid: number; noteId: number },
): Promise<void> {
  const changeId = await context.ledger.noticeMergeRequest({ repository, iid });
  const exclusiveKey = `command:${changeId}`;
  await context.desk.enqueue([{ effect: 'read-command', changeId, payload: { noteId }, exclusiveKey }]);
}

async function hintSurroundings(
  context: WorkerContext,
  repository: number,
  concerned: (change: Change) => boolean,
  what: string,
): Promise<string> {
  const changes = (await context.ledger.openChanges(repository)).filter(concerned);
  const fact = { type: 'surroundings-changed', source: 'webhook', what } as const;
  await Promise.all(changes.map(({ id }) => context.ledger.record({ changeId: id, fact, actor: WEBHOOK })));
  return `${changes.length} changes told of ${what}`;
}

const WEBHOOK = { kind: 'service', component: 'webhook' } as const;
