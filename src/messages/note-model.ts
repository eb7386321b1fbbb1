import { planToTell } from '#domain/approved-tuple.ts';
import type { CalendarReading } from '#domain/calendar.ts';
import type { Change } from '#domain/change.ts';
import type { Person } from '#domain/gates/evidence.ts';
import type { Project } from '#domain/project.ts';
import type { CheckReport } from '#domain/checks.ts';
import type { PlanCounts } from '#domain/plan-ref.ts';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import type { Reminded } from '#domain/reminder.ts';
import type { PlanSummary } from '#domain/plan/summarize.ts';

/** What the summary note and the ticket are made of: the change as it is at this moment. */
export interface ChangeModel {
  change: Change;
  /** Address of the change's page: everything that is too long for a note is there. */
  pageUrl: string;
  /** The newest finished plan run of each project, by project key. */
  plans: ReadonlyMap<string, PlanModel>;
  /** What terraform said in that run, by project key: the errors of a plan that failed, the warnings of one that did not. */
  diagnostics: ReadonlyMap<string, readonly Diagnostic[]>;
  telling: Telling;
  /** The directory as it was asked for this message; empty where it was not at hand. */
  people: readonly Person[];
  /** What the calendar says of each project that may yet be applied, by project key; empty where nobody could ask. */
  calendar: ReadonlyMap<string, CalendarReading>;
  /** What was said last about a review that takes too long. */
  reminded?: Reminded;
}

/** How much the repository wants to be told; nothing that a gate looks at. */
export interface Telling {
  /** Projects without changes are counted and not named. */
  leavesOutUnchanged: boolean;
  /** Attributes whose differences are noise; see `isNoise`. */
  volatile: readonly string[];
}

export interface PlanModel {
  planRunId: string;
  summary: PlanSummary;
  /** Empty for a plan without changes: there is nothing to approve. */
  digest: string;
  /** What each check found on it; absent for a plan that was not examined. */
  checks?: readonly CheckReport[];
}

/** A blocked project that is looked at again stays blocked to people until the answer is there: no note flickers. */
export function asShown(change: Change): Change {
  const projects = change.projects.map((project): Project => {
    if (project.status !== 'gating' || project.standing === undefined) return project;
    const { purpose: _, standing, ...rest } = project;
    return { ...rest, status: 'blocked', reasons: standing };
  });
  return { ...change, projects };
}

/** The plan to show of a project: none while another is being made, and never one that is not the project's present one. */
export function planOf(project: Project, { plans }: Pick<ChangeModel, 'plans'>): PlanModel | undefined {
  const found = plans.get(project.key);
  const plan = planToTell(project);
  if (plan !== undefined) return found?.digest === plan.digest ? found : undefined;
  const over = ['merged', 'cancelled', 'closed', 'no-changes'].includes(project.status);
  return over ? found : undefined;
}

/** What the plan would do, by number; known to the core even where the plan itself cannot be shown. */
export function countsOf(project: Project, model: Pick<ChangeModel, 'plans'>): PlanCounts | undefined {
  return planToTell(project)?.counts ?? planOf(project, model)?.summary.counts;
}

/** Where a project of a change is shown on the change's page. */
export function projectUrl(pageUrl: string, key: string): string {
  return `${pageUrl}#project-${encodeURIComponent(key)}`;
}

/** Where everything is that a plan run or an attempt printed. */
export function logUrl(pageUrl: string, runId: string): string {
  return `${pageUrl}/runs/${encodeURIComponent(runId)}/log`;
}
