import { approvalOfTag } from '#domain/release-tag.ts';
import { tagsThatTurned } from '#domain/tag-standing.ts';
import type { WorkerContext } from './context.ts';
import type { Round } from './sweep-round.ts';

/** A page of a hundred tags is read in this time, on average: years of releases are looked through less often, not at more cost. */
const PAGE_EVERY_MS = 5 * 60_000;
const PAGE = 100;
const DAY_MS = 86_400_000;

/**
 * Release tags are evidence, so nobody may move or delete one, or make one for which nothing was released. All of a
 * repository are listed now and then and held against what was made; each that turned is looked at by a job of its own.
 */
export async function watchTags(context: WorkerContext, round: Round): Promise<void> {
  await round.each(
    'release-tags',
    context.settings.repositories.map((repository) => ({
      item: String(repository),
      work: () => watchTagsOf(context, repository),
    })),
  );
}

async function watchTagsOf(context: WorkerContext, repository: number): Promise<void> {
  const { ledger, proposalDesk } = context;
  const cursor = `release-tags:${repository}`;
  const now = Date.parse(await ledger.now());
  const due = await ledger.cursor(cursor);
  if (due !== undefined && Date.parse(due) > now) return;
  const records = await ledger.releaseTags(repository);
  const listed = await proposalDesk.releaseTags(repository);
  for (const tag of tagsThatTurned(records, listed)) await hintTag(context, repository, tag);
  const pages = Math.max(1, Math.ceil(listed.length / PAGE));
  const wait = Math.min(pages * PAGE_EVERY_MS, DAY_MS);
  await ledger.setCursor(cursor, new Date(now + wait).toISOString());
}

/** Asks for a release tag to be looked at; false for a tag that is none. */
export async function hintTag(context: WorkerContext, repository: number, tag: string): Promise<boolean> {
  const approvalId = approvalOfTag(tag);
  if (approvalId === undefined) return false;
  const changeId = await context.ledger.changeOfTicket(approvalId);
  const key = `look-at-tag:${repository}:${tag}`;
  await context.desk.enqueue([
    {
      effect: 'look-at-tag',
      changeId,
      payload: { repository, tag },
      coalesceKey: key,
      exclusiveKey: key,
    },
  ]);
  return true;
}
