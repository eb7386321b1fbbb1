import { planToTell } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import { comparePlans } from '#domain/plan/compare.ts';
import type { Project } from '#domain/project.ts';
import type { PlanComparison } from '#messages/answer-diff.ts';
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

/** The plan run a project stands on; one that found nothing to change counts. */
function presentRun(project: Project): string | undefined {
  return planToTell(project)?.planRunId ?? (project.status === 'no-changes' ? project.planRunId : undefined);
}
