import type { Kysely, Selectable } from 'kysely';
import { sql } from 'kysely';
import type { CheckReport } from '#domain/checks.ts';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import type { PlanSummary } from '#domain/plan/summarize.ts';
import type { Database } from './database-types.ts';

/** The redacted plan of a run as a file: what checks examine, and what is attached to the ticket. */
interface PlanFile {
  id: string;
  /** As JSON text. */
  planJson: string | undefined;
  planText: string | undefined;
}

/** What people are told of a run. */
interface ToldPlan {
  id: string;
  digest: string | undefined;
  summary: PlanSummary | undefined;
  checks: readonly CheckReport[] | undefined;
  /** What terraform said: errors of a run that failed, warnings of one that did not. */
  diagnostics: readonly Diagnostic[] | undefined;
}

/** Marks the run as running; false when nobody wants it any more. */
export async function startPlanRun(db: Kysely<Database>, id: string): Promise<boolean> {
  const row = await db
    .updateTable('plan_runs')
    .set({ status: 'running', started_at: sql`coalesce(started_at, clock_timestamp())` })
    .where('id', '=', id)
    .where('status', 'in', ['queued', 'running'])
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** The run is no longer wanted: a worker that is at it stops, one that comes later does not begin. */
export async function stopPlanRun(db: Kysely<Database>, id: string): Promise<void> {
  await db
    .updateTable('plan_runs')
    .set({ status: 'stopped', reason: 'no longer wanted', ended_at: sql`clock_timestamp()` })
    .where('id', '=', id)
    .where('status', 'in', ['queued', 'running'])
    .execute();
}

export async function isPlanRunWanted(db: Kysely<Database>, id: string): Promise<boolean> {
  const row = await db.selectFrom('plan_runs').select('status').where('id', '=', id).executeTakeFirst();
  return row?.status === 'running' || row?.status === 'queued';
}

export async function readPlanFiles(db: Kysely<Database>, ids: readonly string[]): Promise<PlanFile[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('plan_runs')
    .select(['id', 'plan_json', 'plan_text'])
    .where('id', 'in', ids)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    planJson: row.plan_json ?? undefined,
    planText: row.plan_text ?? undefined,
  }));
}

/** What is told of plan runs, without the plans as files: those of hundreds of projects are megabytes. */
export async function readToldPlans(db: Kysely<Database>, ids: readonly string[]): Promise<ToldPlan[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('plan_runs')
    .select(['id', 'digest', 'summary', 'checks', 'diagnostics'])
    .where('id', 'in', ids)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    digest: row.digest ?? undefined,
    summary: (row.summary as PlanSummary | null) ?? undefined,
    checks: (row.checks as CheckReport[] | null) ?? undefined,
    diagnostics: (row.diagnostics as Diagnostic[] | null) ?? undefined,
  }));
}

/** A finished plan of a project, as it is compared with another. */
export interface PastPlan {
  planRunId: string;
  project: string;
  digest: string;
  summary: PlanSummary;
  /** When it was approved; absent for one that never was. */
  approvedAt: string | undefined;
  plannedAt: string;
  revision: number;
}

/**
 * What the present plans of a change's projects are compared with: of each the plan that was approved last, else the one
 * before the present. `present` names the plan run each project stands on, which is its own answer when it was approved.
 */
export async function readPastPlans(
  db: Kysely<Database>,
  changeId: string,
  present: ReadonlyMap<string, string>,
): Promise<PastPlan[]> {
  const rows = await db
    .selectFrom('plan_runs')
    .distinctOn('project')
    .select(['id', 'project', 'digest', 'summary', 'approved_at', 'ended_at', 'revision'])
    .where('change_id', '=', changeId)
    .where('project', 'in', ['', ...present.keys()])
    .where('summary', 'is not', null)
    .where('digest', 'is not', null)
    .where((eb) => eb.or([eb('id', 'not in', ['', ...present.values()]), eb('approved_at', 'is not', null)]))
    .orderBy('project')
    .orderBy('approved_at', (order) => order.desc().nullsLast())
    .orderBy('ended_at', 'desc')
    .execute();
  return rows.map(pastPlan);
}

/** The plans of a change that were approved together last, one of each project. */
export async function readApprovedPlans(db: Kysely<Database>, changeId: string): Promise<PastPlan[]> {
  const last = db
    .selectFrom('plan_runs')
    .select('revision')
    .where('change_id', '=', changeId)
    .where('approved_at', 'is not', null)
    .orderBy('approved_at', 'desc')
    .limit(1);
  const rows = await db
    .selectFrom('plan_runs')
    .distinctOn('project')
    .select(['id', 'project', 'digest', 'summary', 'approved_at', 'ended_at', 'revision'])
    .where('change_id', '=', changeId)
    .where('approved_at', 'is not', null)
    .where('summary', 'is not', null)
    .where('revision', '=', last)
    .orderBy('project')
    .orderBy('approved_at', 'desc')
    .execute();
  return rows.map(pastPlan);
}

type PastRow = Pick<
  Selectable<Database['plan_runs']>,
  'id' | 'project' | 'digest' | 'summary' | 'approved_at' | 'ended_at' | 'revision'
>;

function pastPlan(row: PastRow): PastPlan {
  return {
    planRunId: row.id,
    project: row.project,
    digest: row.digest ?? '',
    summary: row.summary as PlanSummary,
    approvedAt: row.approved_at?.toISOString(),
    plannedAt: row.ended_at?.toISOString() ?? '',
    revision: row.revision,
  };
}

/** Plan runs whose plan still waits and is older than the given age, with their change and project. */
export async function readOverduePlans(
  db: Kysely<Database>,
  olderThanSeconds: number,
): Promise<{ changeId: string; project: string; planRunId: string }[]> {
  const rows = await db
    .selectFrom('plan_bundles')
    .innerJoin('plan_runs', 'plan_runs.id', 'plan_bundles.plan_run_id')
    .select(['plan_runs.id', 'plan_runs.change_id', 'plan_runs.project'])
    .where(
      sql<boolean>`plan_bundles.stored_at < clock_timestamp() - ${olderThanSeconds} * interval '1 second'`,
    )
    .execute();
  return rows.map((row) => ({ changeId: row.change_id, project: row.project, planRunId: row.id }));
}

export interface NewLine {
  stream: string;
  line: string;
}

/** Adds lines to a run's output, numbered on from the last one; one writer a run. */
export async function appendOutput(
  db: Kysely<Database>,
  runId: string,
  lines: readonly NewLine[],
): Promise<void> {
  if (lines.length === 0) return;
  await sql`insert into run_output (run_id, seq, stream, line)
    select ${runId}, (select coalesce(max(seq), 0) from run_output where run_id = ${runId}) + n, stream, line
    from unnest(${lines.map(({ stream }) => stream)}::text[], ${lines.map(({ line }) => line)}::text[])
      with ordinality as added (stream, line, n)`.execute(db);
}

/** How many lines of a stream are there already: where somebody who takes a run over goes on. */
export async function countOutput(db: Kysely<Database>, runId: string, stream: string): Promise<number> {
  const row = await db
    .selectFrom('run_output')
    .select(sql<number>`count(*)::int`.as('lines'))
    .where('run_id', '=', runId)
    .where('stream', '=', stream)
    .executeTakeFirstOrThrow();
  return row.lines;
}
