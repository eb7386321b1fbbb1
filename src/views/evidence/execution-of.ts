import type { Transaction } from '#store/query.ts';
import type { Database } from '#store/database-types.ts';
import { factsOf, type Told } from './entries.ts';
import type { Evidence } from './schema.ts';

/** What ran, first to last, and the tag that says so. */
export async function executionOf(
  trx: Transaction<Database>,
  changeId: string,
  entries: readonly Told[],
): Promise<Evidence['execution']> {
  const rows = await trx
    .selectFrom('attempts')
    .selectAll()
    .where('change_id', '=', changeId)
    .orderBy('claimed_at')
    .execute();
  const tagged = factsOf(entries, 'release-tagged').at(-1);
  const seen = factsOf(entries, 'release-tag-seen');
  return {
    attempts: rows.map((row) => ({
      id: row.id,
      project: row.project,
      ...given({ approvalId: row.approval_id }),
      planRunId: row.plan_run_id,
      bundleSha256: row.bundle_hash,
      runner: given({ host: row.host, bootId: row.boot_id, isolation: isolationOf(entries, row.id) }),
      claimedAt: row.claimed_at.toISOString(),
      ...given({ startedAt: row.started_at?.toISOString(), endedAt: row.ended_at?.toISOString() }),
      status: row.status,
      ...given({
        outcome: row.outcome,
        reason: row.reason,
        serialBefore: row.serial_before,
        serialAfter: row.serial_after,
        logDigest: row.log_digest === '' ? undefined : row.log_digest,
      }),
      ...(row.resolved_as === null
        ? {}
        : { resolution: { as: row.resolved_as, ...given({ reason: row.reason }) } }),
      entries: given({
        claimed: indexOf(entries, 'attempt-claimed', row.id),
        started: indexOf(entries, 'attempt-started', row.id),
        ended: indexOf(entries, 'attempt-ended', row.id),
      }),
    })),
    ...(tagged === undefined
      ? {}
      : {
          release: {
            tag: tagged.payload.tag,
            sha: tagged.payload.sha,
            ...given({ object: tagged.payload.object }),
            at: tagged.at,
            entry: tagged.index,
          },
        }),
    ...(seen.length === 0
      ? {}
      : {
          tagsSeen: seen.map(({ at, index, payload: { found, standing, tag } }) => ({
            tag,
            standing,
            ...given({ sha: found?.sha }),
            at,
            entry: index,
          })),
        }),
  };
}

function isolationOf(entries: readonly Told[], attemptId: string): string | undefined {
  return factsOf(entries, 'attempt-started').find(({ payload }) => payload.attemptId === attemptId)?.payload
    .isolation;
}

/** The entry that took effect: a claim, start or end that was refused is an entry as well. */
function indexOf(
  entries: readonly Told[],
  type: 'attempt-claimed' | 'attempt-started' | 'attempt-ended',
  attemptId: string,
): number | undefined {
  return factsOf(entries, type).find(
    ({ payload }) => payload.attemptId === attemptId && payload.refusals.length === 0,
  )?.index;
}

/** Without the members that are not there. */
function given<T extends Record<string, unknown>>(
  members: T,
): { [K in keyof T]?: Exclude<T[K], null | undefined> } {
  const there = Object.entries(members).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(there) as { [K in keyof T]?: Exclude<T[K], null | undefined> };
}
