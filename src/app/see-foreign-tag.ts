import type { Actor } from '#domain/audit/actor.ts';
import { approvalOfTag } from '#domain/release-tag.ts';
import type { TagPicture } from '#domain/tag-standing.ts';
import { appendAudit } from '#store/audit.ts';
import type { Database } from '#store/database-types.ts';
import type { Kysely } from '#store/query.ts';
import { seeTag } from '#store/release-tags.ts';
import { inTransaction } from '#store/transaction.ts';
import { plainJson } from './plain-json.ts';

/**
 * A tag named like a release of ours after a ticket that no change has: nothing was released there. What turned is
 * recorded, once; false when it was known.
 */
export async function seeForeignTag(
  db: Kysely<Database>,
  { repository, tag }: { repository: number; tag: string },
  found: TagPicture | undefined,
  actor: Actor,
): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    if (!(await seeTag(trx, { repository, tag, changeId: undefined }, found))) return false;
    const standing = found === undefined ? 'as-recorded' : 'unrecorded';
    const subject = { repository: String(repository), approvalId: approvalOfTag(tag) };
    await appendAudit(trx, [
      { type: 'release-tag-seen', actor, subject, payload: plainJson({ tag, standing, found }) },
    ]);
    return true;
  });
}
