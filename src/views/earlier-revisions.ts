import { sql, type Transaction } from '#store/query.ts';
import type { PlanCounts } from '#domain/plan-ref.ts';
import type { Database } from '#store/database-types.ts';

/** A version of the change that another one took the place of, and what was planned of it. */
export interface EarlierRevision {
  number: number;
  headSha: string;
  openedAt: string;
  endedAt: string;
  projects: EarlierProject[];
}

export interface EarlierProject {
  key: string;
  /** How it stood when the revision ended. */
  status: string;
  /** Its last plan run in that revision. */
  runId: string | undefined;
  counts: PlanCounts | undefined;
  approvedAt: string | undefined;
}

/** The revisions before the present one, newest first. */
export async function earlierRevisions(
  trx: Transaction<Database>,
  changeId: string,
): Promise<EarlierRevision[]> {
  const revisions = await trx
    .selectFrom('revisions')
    .selectAll()
    .where('change_id', '=', changeId)
    .where('ended_at', 'is not', null)
    .orderBy('number', 'desc')
    .execute();
  const runs = await trx
    .selectFrom('plan_runs')
    .distinctOn(['revision', 'project'])
    .select(['id', 'revision', 'project', 'approved_at'])
    .select(sql<PlanCounts | null>`summary -> 'counts'`.as('counts'))
    .where('change_id', '=', changeId)
    .where('revision', 'in', [0, ...revisions.map((each) => each.number)])
    .orderBy('revision')
    .orderBy('project')
    .orderBy('queued_at', 'desc')
    .execute();
  return revisions.map((each) => ({
    number: each.number,
    headSha: each.head_sha,
    openedAt: each.opened_at.toISOString(),
    endedAt: each.ended_at?.toISOString() ?? '',
    projects: standingsOf(each.projects).map(({ key, status }) => {
      const run = runs.find(({ revision, project }) => revision === each.number && project === key);
      return {
        key,
        status,
        runId: run?.id,
        counts: run?.counts ?? undefined,
        approvedAt: run?.approved_at?.toISOString(),
      };
    }),
  }));
}

function standingsOf(projects: unknown): { key: string; status: string }[] {
  return (projects as { key: string; status: string }[] | null) ?? [];
}
