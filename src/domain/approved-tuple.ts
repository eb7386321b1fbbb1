import type { Change, Project } from './change.ts';
import { type PlanRef, tupleElement, tupleHash } from './plan-ref.ts';

/** The projects of a change whose plans have changes: what an approval of it is about. */
export function plannedProjects(change: Change): readonly (Project & { plan: PlanRef })[] {
  return change.projects.filter((project): project is Project & { plan: PlanRef } => 'plan' in project);
}

/** The hash of what is, or would be, put in front of the approver; `undefined` when nothing has changes. */
export function currentTupleHash(change: Change): string | undefined {
  const planned = plannedProjects(change);
  if (planned.length === 0) return undefined;
  return tupleHash(
    change.mergeRequest,
    planned.map((project) => tupleElement(project.key, project.plan)),
  );
}
