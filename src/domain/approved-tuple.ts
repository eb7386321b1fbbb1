import type { Change } from './change.ts';
import type { Project } from './project.ts';
import { type PlanRef, type Tuple, tupleElement, tupleHash, tupleOf } from './plan-ref.ts';
import { workPlanOf } from './work-plan.ts';

/** The projects of a change whose plans have changes: what an approval of it is about. */
export function plannedProjects(change: Change): readonly (Project & { plan: PlanRef })[] {
  return change.projects.filter((project): project is Project & { plan: PlanRef } => 'plan' in project);
}

/** The plan that a project stands on, or that was applied before it was merged: what can be told of it. */
export function planToTell(project: Project): PlanRef | undefined {
  if ('plan' in project) return project.plan;
  return project.status === 'merged' ? project.applied : undefined;
}

/** What is, or would be, put in front of the approver; `undefined` when nothing has changes. */
export function currentTuple(change: Change): Tuple | undefined {
  const planned = plannedProjects(change);
  if (planned.length === 0) return undefined;
  return tupleOf(
    change.mergeRequest,
    workPlanOf(change.description),
    planned.map((project) => tupleElement(project.key, project.plan)),
  );
}

/** Its hash. */
export function currentTupleHash(change: Change): string | undefined {
  const tuple = currentTuple(change);
  return tuple === undefined ? undefined : tupleHash(tuple);
}

/** Whether all that an approval would be about is known. */
export function everyPlanned(change: Change): boolean {
  return change.projects.every((project) => isPlanned(project) || isBlindForecast(change, project));
}

/** What a later wave reads may not exist before the wave in front of it is applied: then its plan cannot but fail. */
export function isBlindForecast({ wave }: Change, project: Project): boolean {
  return project.status === 'plan-failed' && project.wave > wave;
}

function isPlanned(project: Project): boolean {
  switch (project.status) {
    case 'opening-ticket':
    case 'planning':
    case 'held':
    case 'plan-failed':
    case 'cancelled':
    case 'apply-interrupted':
    case 'apply-failed':
      return false;
    case 'no-changes':
    case 'awaiting-approval':
    case 'rejected':
    case 'expired':
    case 'gating':
    case 'blocked':
    case 'ready':
    case 'applying':
    case 'applied':
    case 'released':
    case 'applied-unmerged':
    case 'merged':
    case 'closed':
      return true;
  }
}
