import { planToTell } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import { comparePlans } from '#domain/plan/compare.ts';
import type { Project } from '#domain/project.ts';
import type { PlanComparison } from '#messages/answer-diff.ts';
import type { PastPlan } from '#app/ledger.ts';
import type { WorkerContext } from './context.ts';

/** Each of the projects' present plan beside the one that was approved last, else the one before; in the order of keys. */
export async function comparePresentPlans(
  { ledger }: Pick<WorkerContext, 'ledger'>,
  change: Change,
  keys: readonly string[],
): Promise<PlanComparison[]> {
  const projects = change.projects.filter(({ key }) => keys.includes(key));
  const present = new Map(
    projects.flatMap((project) => {
      const run = presentRun(project);
      return run === undefined ? [] : [[project.key, run] as const];
    }),
  );
  const [past, runs] = await Promise.all([
    ledger.pastPlans(change.id, present),
    ledger.toldPlans([...present.values()]),
  ]);
  return projects.map(({ key }): PlanComparison => {
    const now = runs.find(({ id }) => id === present.get(key));
    if (now?.summary === undefined) return { key, hasPlan: false };
    const before = past.find(({ project }) => project === key);
    if (before === undefined) return { key, hasPlan: true };
    const { approvedAt, plannedAt, revision } = before;
    const difference = comparePlans(before, { digest: now.digest ?? '', summary: now.summary });
    const base = { isApproved: approvedAt !== undefined, at: approvedAt ?? plannedAt, revision };
    return { key, hasPlan: true, base, difference };
  });
}

/**
 * What an approver has seen before and would be asked about again: the present plans beside what was approved last, those
 * included that have nothing to do any more, and what was approved and is no part of the change now.
 */
export async function compareWithApproved(
  context: Pick<WorkerContext, 'ledger'>,
  change: Change,
): Promise<PlanComparison[]> {
  const compared = await comparePresentPlans(
    context,
    change,
    change.projects.map(({ key }) => key),
  );
  const isQuiet = (key: string) =>
    change.projects.some((project) => project.key === key && project.status === 'no-changes');
  const present = new Set(change.projects.map(({ key }) => key));
  const approved = await context.ledger.approvedPlans(change.id);
  const gone = approved.filter(({ project }) => !present.has(project)).map(goneFrom);
  return [...compared.filter(({ key, base }) => !isQuiet(key) || base?.isApproved === true), ...gone];
}

/** All that its plan would have done is no longer in question. */
function goneFrom({ approvedAt = '', digest, project, revision, summary }: PastPlan): PlanComparison {
  const nothing = { ...summary, resources: [], outputs: [] };
  return {
    key: project,
    hasPlan: true,
    isGone: true,
    base: { isApproved: true, at: approvedAt, revision },
    difference: comparePlans({ digest, summary }, { digest: '', summary: nothing }),
  };
}

/** The plan run a project stands on; one that found nothing to change counts. */
function presentRun(project: Project): string | undefined {
  return planToTell(project)?.planRunId ?? (project.status === 'no-changes' ? project.planRunId : undefined);
}
