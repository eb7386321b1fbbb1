import { planToTell } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import type { PlanCounts } from '#domain/plan-ref.ts';

/** What all plans of a change do together, as far as they are known. */
export function totalCounts(change: Change): PlanCounts {
  const total = { create: 0, update: 0, delete: 0, replace: 0, import: 0, move: 0, forget: 0, outputs: 0 };
  for (const project of change.projects) {
    const plan = planToTell(project);
    if (plan === undefined) continue;
    for (const key of Object.keys(total) as (keyof PlanCounts)[]) total[key] += plan.counts[key];
  }
  return total;
}
