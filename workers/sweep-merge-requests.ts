import type { ListedMergeRequest } from '#app/ports/code-host.ts';
import type { MergeRequestRef } from '#domain/change.ts';
import { parseCommand } from '#domain/command.ts';
import { workPlanOf } from '#domain/work-plan.ts';
import type { WorkerContext } from './context.ts';
import { hintCommand, hintMergeRequest } from './handle-delivery.ts';
import { sinceLastRound } from './since-last-round.ts';
import type { Piece, Round } from './sweep-round.ts';

/** Counted whenever the sweep finds what a webhook should have told. */
const FOUND_BY_POLLING = 'found_by_polling';

/** Merge requests and comments that moved without a word, in each repository for itself. */
export async function sweepMergeRequests(context: WorkerContext, round: Round): Promise<void> {
  const { repositories } = context.settings;
  const unread = round.failed('notes').flatMap(({ item, readFrom = '' }) => {
    const [repository = 0, iid = 0] = item.split('!').map(Number);
    return repositories.includes(repository) ? [notesOf(context, { repository, iid }, readFrom)] : [];
  });
  await round.each('notes', unread);
  await round.each(
    'merge-requests',
    repositories.map((repository) => ({
      item: String(repository),
      work: () => sweepRepository(context, round, repository),
    })),
  );
}

async function sweepRepository(context: WorkerContext, round: Round, repository: number): Promise<void> {
  const { codeHost, ledger } = context;
  await sinceLastRound(context, `merge-requests:${repository}`, async (since) => {
    const listed = await codeHost.updatedMergeRequests(repository, since);
    for (const each of listed) {
      const ref = { repository, iid: each.iid };
      if (!(await isNews(context, ref, each))) continue;
      await ledger.count(FOUND_BY_POLLING, 1);
      await hintMergeRequest(context, ref);
    }
    const open = listed.filter(({ state }) => state === 'open');
    await round.each(
      'notes',
      open.map(({ iid }) => notesOf(context, { repository, iid }, since)),
    );
  });
}

async function isNews(
  { ledger }: WorkerContext,
  ref: MergeRequestRef,
  listed: ListedMergeRequest,
): Promise<boolean> {
  const changeId = await ledger.changeOf(ref);
  const change = changeId === undefined ? undefined : await ledger.change(changeId);
  if (change === undefined) return listed.state === 'open';
  if (listed.state !== 'open') return change.merge.status !== listed.state;
  const { merge, newerHead, notAdmitted, revision } = change;
  const heads = [revision?.headSha, notAdmitted?.headSha, newerHead];
  const moved = revision !== undefined && revision.targetBranch !== listed.targetBranch;
  const isEdited = workPlanOf(change.description).hash !== workPlanOf(listed.description).hash;
  const isOther = !heads.includes(listed.headSha) || merge.status === 'closed' || notAdmitted !== undefined;
  return isOther || moved || isEdited;
}

function notesOf(context: WorkerContext, ref: MergeRequestRef, since: string): Piece {
  const item = `${ref.repository}!${ref.iid}`;
  return { item, readFrom: since, work: () => sweepNotes(context, ref, since) };
}

/** Commands whose webhook was lost. */
async function sweepNotes(context: WorkerContext, ref: MergeRequestRef, since: string): Promise<void> {
  const { codeHost, conversation, ledger, settings } = context;
  const notes = await conversation.notesSince(ref, since);
  const names = { alsoAtlantis: settings.alsoAtlantis, mention: (await codeHost.self()).username };
  const commands = notes.filter(
    ({ body, edited, system }) => !system && !edited && parseCommand(body, names),
  );
  const ids = commands.map(({ id }) => id);
  const taken = new Set(await ledger.takenCommands(ref.repository, ids));
  for (const noteId of ids.filter((id) => !taken.has(id))) {
    await ledger.count(FOUND_BY_POLLING, 1);
    await hintCommand(context, { ...ref, noteId });
  }
}

/** Merge requests that wait for their target's configuration to be mended, when its branch moved without a word. */
export async function sweepUnconfigured(context: WorkerContext, round: Round): Promise<void> {
  const { codeHost, ledger, settings } = context;
  await round.each(
    'configuration',
    settings.repositories.map((repository) => ({
      item: String(repository),
      async work() {
        for (const { mergeRequest, notAdmitted } of await ledger.openChanges(repository)) {
          if (notAdmitted?.target === undefined) continue;
          const { branch, sha } = notAdmitted.target;
          if ((await codeHost.branch(repository, branch))?.headSha === sha) continue;
          await ledger.count(FOUND_BY_POLLING, 1);
          await hintMergeRequest(context, mergeRequest);
        }
      },
    })),
  );
}
