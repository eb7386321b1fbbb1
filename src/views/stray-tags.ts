import { tagTroubleInWords } from '#domain/tag-standing.ts';
import type { Database } from '#store/database-types.ts';
import type { Kysely } from '#store/query.ts';
import { readStrayTags } from '#store/release-tags.ts';

/** More than these are not named one by one. */
const NAMED = 3;

/** Release tags that do not stand as they were made, in one line for `/readyz`; never a reason against, since nothing hangs on them. */
export async function tagsInWords(db: Kysely<Database>): Promise<string> {
  const tags = await readStrayTags(db);
  if (tags.length === 0) return 'as they were made';
  const named = tags
    .slice(0, NAMED)
    .map(
      ({ repository, sha, standing, tag }) =>
        `${tag} of repository ${repository} ${tagTroubleInWords(standing, sha)}`,
    );
  const more = tags.length > NAMED ? [`and ${tags.length - NAMED} more`] : [];
  return [...named, ...more].join('; ');
}
