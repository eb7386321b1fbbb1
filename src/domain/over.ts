import type { Change } from './change.ts';
import type { Project } from './project.ts';

/** Nothing more will be applied for it: it was closed, or merged and nothing is left that is applied on the merge. */
export function isOver({ merge, projects }: Pick<Change, 'merge' | 'projects'>): boolean {
  if (merge.status === 'closed') return true;
  return merge.status === 'merged' && !projects.some(goesOnAfterMerge) && !awaitsRelease(projects);
}

/** Approved, every gate open, and all that is left is that people merge it. */
export function waitsForMerge({ merge, projects }: Pick<Change, 'merge' | 'projects'>): boolean {
  const ready = projects.filter(({ status }) => status === 'ready');
  return merge.status === 'open' && ready.length > 0 && ready.every(({ applyOn }) => applyOn === 'merge');
}

/** What was applied after the merge is still to be tagged, once nothing else of the change is on its way. */
function awaitsRelease(projects: readonly Project[]): boolean {
  return (
    projects.some(({ applyOn, status }) => applyOn === 'merge' && status === 'applied') &&
    projects.every(({ status }) => TAGGED_WITH_IT.has(status))
  );
}

/** Whatever else became of a project of the change, there is no release that it could be in. */
const TAGGED_WITH_IT: ReadonlySet<Project['status']> = new Set([
  'applied',
  'no-changes',
  'applying',
  'apply-interrupted',
]);

/** The merge is what this project waits for, not its end: what is not decided yet may still be, and is then applied. */
export function goesOnAfterMerge({ applyOn, status, wave }: Project): boolean {
  if (applyOn !== 'merge') return false;
  switch (status) {
    case 'opening-ticket':
    case 'planning':
    case 'held':
    case 'awaiting-approval':
    case 'gating':
    case 'blocked':
    case 'ready':
    case 'applying':
    case 'apply-failed':
    case 'apply-interrupted':
      return true;
    case 'plan-failed':
      // It may only have been too early: it is planned again after the wave in front of it.
      return wave > 0;
    case 'no-changes':
    case 'rejected':
    case 'expired':
    case 'applied':
    case 'released':
    case 'applied-unmerged':
    case 'merged':
    case 'cancelled':
    case 'closed':
      return false;
  }
}

/** It was to be applied before the merge, and was not: what the target branch says is not what is there. */
export function missedByMerge(project: Project): boolean {
  if (goesOnAfterMerge(project)) return false;
  switch (project.status) {
    case 'opening-ticket':
    case 'planning':
    case 'held':
    case 'plan-failed':
    case 'awaiting-approval':
    case 'rejected':
    case 'expired':
    case 'gating':
    case 'blocked':
    case 'ready':
    case 'apply-failed':
    case 'cancelled':
      return true;
    case 'merged':
      return project.applied === undefined;
    case 'no-changes':
    case 'applying':
    case 'apply-interrupted':
    case 'applied':
    case 'applied-unmerged':
    case 'released':
    case 'closed':
      return false;
  }
}
