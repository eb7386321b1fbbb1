import type { Change } from '../change.ts';
import type { PlanRef } from '../plan-ref.ts';
import type { Project } from '../project.ts';
import { isForecast } from '../waves.ts';

/** A project with a plan that an approval may be about. */
export type Planned = Project & { plan: PlanRef };

/** Whether the gates have anything to say about the project now: it has a plan, it is its turn, and it is not applied yet. */
export function mayBeAsked(change: Change, project: Project): project is Planned {
  if (isForecast(change, project)) return false;
  switch (project.status) {
    case 'awaiting-approval':
    case 'rejected':
    case 'expired':
    case 'gating':
    case 'blocked':
    case 'ready':
      return true;
    case 'opening-ticket':
    case 'held':
    case 'planning':
    case 'plan-failed':
    case 'no-changes':
    case 'applying':
    case 'applied':
    case 'apply-failed':
    case 'apply-interrupted':
    case 'released':
    case 'applied-unmerged':
    case 'merged':
    case 'cancelled':
    case 'closed':
      return false;
  }
}
