import type { Kysely } from '#store/query.ts';
import type { Asker } from '#domain/project.ts';
import type { Database } from '#store/database-types.ts';
import type { NameOf, PersonView } from './names.ts';

/** One run of `terraform apply`. */
export interface AttemptView {
  id: string;
  project: string;
  planRunId: string;
  bundleHash: string;
  approvalId: string | undefined;
  status: string;
  outcome: string | undefined;
  reason: string | undefined;
  /** Absent when it was applied on approval. */
  commandedBy: PersonView | undefined;
  host: string | undefined;
  heartbeatAt: string | undefined;
  serialBefore: string | undefined;
  serialAfter: string | undefined;
  logDigest: string | undefined;
  resolution: { as: string; by: PersonView | undefined } | undefined;
  claimedAt: string;
  startedAt: string | undefined;
  endedAt: string | undefined;
}

/** All attempts of a change, first to last. */
export async function attemptsOf(
  db: Kysely<Database>,
  changeId: string,
  nameOf: NameOf,
): Promise<AttemptView[]> {
  const rows = await db
    .selectFrom('attempts')
    .selectAll()
    .where('change_id', '=', changeId)
    .orderBy('claimed_at')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    project: row.project,
    planRunId: row.plan_run_id,
    bundleHash: row.bundle_hash,
    approvalId: row.approval_id ?? undefined,
    status: row.status,
    outcome: row.outcome ?? undefined,
    reason: row.reason ?? undefined,
    commandedBy: askerOf(row.commanded_by, nameOf),
    host: row.host ?? undefined,
    heartbeatAt: row.heartbeat_at?.toISOString(),
    serialBefore: row.serial_before ?? undefined,
    serialAfter: row.serial_after ?? undefined,
    logDigest: row.log_digest ?? undefined,
    resolution:
      row.resolved_as === null ? undefined : { as: row.resolved_as, by: askerOf(row.resolved_by, nameOf) },
    claimedAt: row.claimed_at.toISOString(),
    startedAt: row.started_at?.toISOString(),
    endedAt: row.ended_at?.toISOString(),
  }));
}

/** Whoever gave a command, from the stored `Asker` or the name at a command line. */
export function askerOf(stored: unknown, nameOf: NameOf): PersonView | undefined {
  const asker = stored as Asker | { cli: string } | null;
  if (asker === null) return undefined;
  if ('cli' in asker) return { id: `operator-cli:${asker.cli}`, name: `${asker.cli} (command line)` };
  const name = nameOf({ kind: 'gitlab-user', id: String(asker.gitlabId) });
  return { id: `@${asker.username}`, name: name ?? `@${asker.username}` };
}
