import type { GateResult } from '#domain/gates/evidence.ts';
import type { Database } from '#store/database-types.ts';
import type { Kysely } from '#store/query.ts';

/** What the gates of one project answered, all together. */
export interface EvaluationView {
  id: string;
  go: boolean;
  at: string;
  results: GateResult[];
}

/** What the gates answered last for each project of a change, in the order of their keys. */
export async function latestEvaluations(
  db: Kysely<Database>,
  changeId: string,
): Promise<Map<string, EvaluationView>> {
  const rows = await db
    .selectFrom('gate_evaluations')
    .distinctOn('project')
    .select(['id', 'project', 'go', 'results', 'at'])
    .where('change_id', '=', changeId)
    .orderBy('project')
    .orderBy('at', 'desc')
    .execute();
  return new Map(
    rows.map(({ id, project, go, results, at }) => [
      project,
      { id, go, at: at.toISOString(), results: results as GateResult[] },
    ]),
  );
}
