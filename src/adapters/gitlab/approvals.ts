import { z } from 'zod';
import type { ReviewView } from '#app/ports/code-host.ts';
import type { MergeRequestRef } from '#domain/change.ts';
import { parse } from './client.ts';
import type { GitlabClient } from './client.ts';
import { approvals, diffVersion } from './schema.ts';

/**
 * Who approved the merge request itself, and whether they had this head before them. GitLab may keep approvals over a
 * push; its own clock says whether one is older than the head.
 */
export async function readApprovals(
  client: GitlabClient,
  { repository, iid }: MergeRequestRef,
  head: string,
): Promise<ReviewView[]> {
  const [given, versions] = await Promise.all([
    client.approvals.showConfiguration(repository, { mergerequestIId: iid }),
    client.mergeRequests.allDiffVersions(repository, iid),
  ]);
  const since = headSince(parse(z.array(diffVersion), versions, 'merge_requests/versions'), head);
  return parse(approvals, given, 'merge_requests/approvals').approved_by.map(({ user, approved_at: at }) => ({
    userId: user.id,
    username: user.username,
    at: at ?? undefined,
    ofHead: at == null || since === undefined ? undefined : Date.parse(at) >= since,
  }));
}

/** When the head became the merge request's; a move of the target makes another version with the same head. */
function headSince(versions: readonly z.infer<typeof diffVersion>[], head: string): number | undefined {
  const newestFirst = versions.toSorted((a, b) => b.id - a.id);
  const other = newestFirst.findIndex((each) => each.head_commit_sha !== head);
  const first = newestFirst.slice(0, other === -1 ? undefined : other).at(-1);
  return first === undefined ? undefined : Date.parse(first.created_at);
}
