import { type Kysely, sql } from '#store/query.ts';
import type { Database } from '#store/database-types.ts';

/** One line that a plan run or an attempt printed; `seq` is dense from 1 within the run. */
export interface OutputLine {
  seq: number;
  at: string;
  stream: string;
  line: string;
}

export interface RunView {
  id: string;
  changeId: string;
  kind: 'plan' | 'apply';
  project: string;
  status: string;
  /** Nothing will be printed any more. */
  over: boolean;
  startedAt?: string;
  endedAt?: string;
}

/** A plan run or an attempt, if that change has one with this id. */
export async function showRun(
  db: Kysely<Database>,
  changeId: string,
  id: string,
): Promise<RunView | undefined> {
  const [plan, attempt] = await Promise.all([
    db
      .selectFrom('plan_runs')
      .select(['project', 'status', 'started_at', 'ended_at'])
      .where('id', '=', id)
      .where('change_id', '=', changeId)
      .executeTakeFirst(),
    db
      .selectFrom('attempts')
      .select(['project', 'started_at', 'ended_at'])
      .select(sql<string>`coalesce(outcome, status)`.as('status'))
      .select(sql<boolean>`status in ('ended', 'lost', 'resolved')`.as('over'))
      .where('id', '=', id)
      .where('change_id', '=', changeId)
      .executeTakeFirst(),
  ]);
  if (attempt !== undefined) return { id, changeId, kind: 'apply', ...attemptParts(attempt) };
  if (plan === undefined) return undefined;
  return {
    id,
    changeId,
    kind: 'plan',
    ...attemptParts({ ...plan, over: !['queued', 'running'].includes(plan.status) }),
  };
}

function attemptParts(row: {
  project: string;
  status: string;
  over: boolean;
  started_at: Date | null;
  ended_at: Date | null;
}) {
  const { project, status, over, started_at: started, ended_at: ended } = row;
  return {
    project,
    status,
    over,
    ...(started === null ? {} : { startedAt: started.toISOString() }),
    ...(ended === null ? {} : { endedAt: ended.toISOString() }),
  };
}

/** At most `limit` lines after `seq`, in order. */
export async function readOutput(
  db: Kysely<Database>,
  runId: string,
  seq: number,
  limit: number,
): Promise<OutputLine[]> {
  const rows = await db
    .selectFrom('run_output')
    .select(['seq', 'at', 'stream', 'line'])
    .where('run_id', '=', runId)
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
