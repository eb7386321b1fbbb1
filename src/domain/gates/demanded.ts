import { plannedProjects } from '../approved-tuple.ts';
import { type Demand, demandOfAll } from '../demand.ts';
import type { GateSubject } from './evidence.ts';

/** What all plans demand that are approved together. */
export function demandedOf({ change, plan }: Pick<GateSubject, 'change' | 'plan'>): Demand {
  return demandOfAll([plan.demand, ...plannedProjects(change).map((project) => project.plan.demand)]);
}
