import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Fact } from '#domain/fact.ts';
import type { Change } from '#domain/change.ts';
import { type TagPicture, type TagRecord, type TagTrouble, tagStanding } from '#domain/tag-standing.ts';
import type { Database, ReleaseTagsTable } from './database-types.ts';

/** A tag that does not stand as the log says it was made. */
export interface StrayTag {
  repository: number;
  tag: string;
  standing: TagTrouble;
  /** Where it leads now. */
  sha: string | undefined;
  /** RFC 3339: when it was found so. */
  since: string;
}

/** Keeps the table of tags as the facts say; called in the transaction that records them. */
export async function projectTags(
  trx: Transaction<Database>,
  { id, mergeRequest: { repository } }: Change,
  fact: Fact,
): Promise<void> {
  if (fact.type === 'release-tag-seen')
    await seeTag(trx, { repository, tag: fact.tag, changeId: id }, fact.found);
  if (fact.type !== 'release-tagged') return;
  const { sha, tag, text } = fact;
  const row = { change_id: id, made_sha: sha, made_text: text, seen_sha: sha, seen_text: text };
  await trx
    .insertInto('release_tags')
    .values({ repository, tag, ...row })
    .onConflict((conflict) => conflict.columns(['repository', 'tag']).doUpdateSet(row))
    .execute();
}

/** Keeps what stands there now; false when that is what was known. One that was never made is forgotten when it is gone. */
export async function seeTag(
  trx: Transaction<Database>,
  { changeId, repository, tag }: { repository: number; tag: string; changeId: string | undefined },
  found: TagPicture | undefined,
): Promise<boolean> {
  const seen = {
    seen_sha: found?.sha ?? null,
    seen_text: found?.text ?? null,
    turned_at: sql<Date>`clock_timestamp()`,
  };
  if (found === undefined) {
    const stray = await trx
      .deleteFrom('release_tags')
      .where('repository', '=', repository)
      .where('tag', '=', tag)
      .where('made_sha', 'is', null)
      .executeTakeFirst();
    const gone = await trx
      .updateTable('release_tags')
      .set(seen)
      .where('repository', '=', repository)
      .where('tag', '=', tag)
      .where('seen_sha', 'is not', null)
      .executeTakeFirst();
    return stray.numDeletedRows + gone.numUpdatedRows > 0n;
  }
  const { numInsertedOrUpdatedRows = 0n } = await trx
    .insertInto('release_tags')
    .values({ repository, tag, change_id: changeId ?? null, ...seen })
    .onConflict((conflict) =>
      conflict
        .columns(['repository', 'tag'])
        .doUpdateSet(seen)
        .where(
          sql<boolean>`(release_tags.seen_sha, release_tags.seen_text) is distinct from (${found.sha}, ${found.text})`,
        ),
    )
    .executeTakeFirst();
  return numInsertedOrUpdatedRows > 0n;
}

/** Every release tag of a repository that was made, or seen. */
export async function readTags(db: Kysely<Database>, repository: number): Promise<TagRecord[]> {
  const rows = await db.selectFrom('release_tags').selectAll().where('repository', '=', repository).execute();
  return rows.map(toRecord);
}

export async function readTag(
  db: Kysely<Database>,
  repository: number,
  tag: string,
): Promise<TagRecord | undefined> {
  const row = await db
    .selectFrom('release_tags')
    .selectAll()
    .where('repository', '=', repository)
    .where('tag', '=', tag)
    .executeTakeFirst();
  return row && toRecord(row);
}

/** All tags that do not stand as they were made, the longest so in front. */
export async function readStrayTags(db: Kysely<Database>): Promise<StrayTag[]> {
  const rows = await db
    .selectFrom('release_tags')
    .selectAll()
    .where(sql<boolean>`(made_sha, made_text) is distinct from (seen_sha, seen_text)`)
    .orderBy('turned_at')
    .orderBy('tag')
    .execute();
  return rows.flatMap((row) => {
    const { made, seen, tag } = toRecord(row);
    const standing = tagStanding(made, seen);
    if (standing === 'as-recorded') return [];
    const since = row.turned_at.toISOString();
    return [{ repository: row.repository, tag, standing, sha: seen?.sha, since }];
  });
}

function toRecord(row: Selectable<ReleaseTagsTable>): TagRecord {
  const made = toPicture(row.made_sha, row.made_text);
  const seen = toPicture(row.seen_sha, row.seen_text);
  return {
    tag: row.tag,
    ...(row.change_id === null ? {} : { changeId: row.change_id }),
    ...(made === undefined ? {} : { made }),
    ...(seen === undefined ? {} : { seen }),
  };
}

function toPicture(sha: string | null, text: string | null): TagPicture | undefined {
  return sha === null || text === null ? undefined : { sha, text };
}
