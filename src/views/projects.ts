import type { Kysely } from '#store/query.ts';
import type { CheckReport } from '#domain/checks.ts';
import { planToTell } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import type { Demand } from '#domain/demand.ts';
import type { Project } from '#domain/project.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import type { PlanSummary } from '#domain/plan/summarize.ts';
import type { Database } from '#store/database-types.ts';
import { type EvaluationView, latestEvaluations } from './evaluations.ts';

/** One project of a change with its present plan and the latest answer of its gates. */
export interface ProjectView {
  key: string;
  dir: string;
  workspace: string;
  applyOn: 'approval' | 'command' | 'merge';
  status: string;
  reason: string | undefined;
  /** What its plan demands, and why; absent where there is no plan. */
  demand: Demand | undefined;
  run: PlanRunView | undefined;
  gates: EvaluationView | undefined;
  hold: { changeId: string; own: boolean; quarantined: string | undefined; since: string } | undefined;
}

export interface PlanRunView {
  id: string;
  status: string;
  reason: string | undefined;
  digest: string | undefined;
  bundleHash: string | undefined;
  terraformVersion: string | undefined;
  checks: CheckReport[];
  summary: PlanSummary | undefined;
  /** What was configured for it, and where each setting was said: `default`, `server`, or `file:line:col`. */
  configuration: SettingView[];
  startedAt: string | undefined;
  endedAt: string | undefined;
}

export interface SettingView {
  setting: string;
  value?: unknown;
  place: string;
}

/** The change's projects in their order. */
export async function projectsOf(db: Kysely<Database>, change: Change): Promise<ProjectView[]> {
  const runs = await latestRuns(db, change);
  const evaluations = await latestEvaluations(db, change.id);
  const holds = await db
    .selectFrom('holds')
    .selectAll()
    .where('repository', '=', change.mergeRequest.repository)
    .where('project', 'in', ['', ...change.projects.map(({ key }) => key)])
    .execute();
  return change.projects.map((project) => {
    const hold = holds.find((each) => each.project === project.key);
    return {
      key: project.key,
      dir: project.dir,
      workspace: project.workspace,
      applyOn: project.applyOn,
      status: project.status,
      reason: 'reason' in project ? project.reason : undefined,
      demand: planToTell(project)?.demand,
      run: runs.get(project.key),
      gates: evaluationOf(evaluations.get(project.key), runs.get(project.key)),
      hold: hold && {
        changeId: hold.change_id,
        own: hold.change_id === change.id,
        quarantined: hold.quarantined ?? undefined,
        since: hold.since.toISOString(),
      },
    };
  });
}

/** The run each project stands on; once a project is over its state names none, and the latest is meant. */
async function latestRuns(db: Kysely<Database>, change: Change): Promise<Map<string, PlanRunView>> {
  const rows = await db
    .selectFrom('plan_runs')
    .distinctOn('project')
    .select([
      'id',
      'project',
      'status',
      'reason',
      'digest',
      'bundle_hash',
      'summary',
      'checks',
      'configuration',
      'plan',
      'started_at',
      'ended_at',
    ])
    .where('change_id', '=', change.id)
    .where((eb) => {
      const named = change.projects.flatMap(planRunId);
      const unnamed = change.projects
        .filter((project) => planRunId(project).length === 0)
        .map(({ key }) => key);
      return eb.or([eb('id', 'in', ['', ...named]), eb('project', 'in', ['', ...unnamed])]);
    })
    .orderBy('project')
    .orderBy('queued_at', 'desc')
    .execute();
  return new Map(
    rows.map((row) => {
      const plan = row.plan as PlanRef | null;
      return [
        row.project,
        {
          id: row.id,
          status: row.status,
          reason: row.reason ?? undefined,
          digest: row.digest ?? undefined,
          bundleHash: row.bundle_hash ?? undefined,
          terraformVersion: plan?.terraformVersion,
          checks: (row.checks as CheckReport[] | null) ?? [],
          summary: (row.summary as PlanSummary | null) ?? undefined,
          configuration: (row.configuration as SettingView[] | null) ?? [],
          startedAt: row.started_at?.toISOString(),
          endedAt: row.ended_at?.toISOString(),
        },
      ];
    }),
  );
}

function planRunId(project: Project): string[] {
  const plan = planToTell(project);
  if (plan !== undefined) return [plan.planRunId];
  return 'planRunId' in project ? [project.planRunId] : [];
}

/** An answer about an earlier plan would mislead: only one given since the present plan was made counts. */
function evaluationOf(
  latest: EvaluationView | undefined,
  run: PlanRunView | undefined,
): EvaluationView | undefined {
  const planned = run?.endedAt;
  return latest !== undefined && planned !== undefined && latest.at >= planned ? latest : undefined;
}
