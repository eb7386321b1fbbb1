import type { Change } from './change.ts';

/** A project that belongs to this change, and why nobody may apply it at all, if so. */
export interface Hold {
  project: string;
  attemptId: string;
  quarantined?: string;
}

/**
 * The projects a change holds: from the start of an apply until the merge request is merged or closed, or an operator
 * gives the hold back. What nobody knows the outcome of stays in quarantine whatever becomes of the merge request.
 */
export function holdsOf(change: Change): readonly Hold[] {
  const over = change.merge.status === 'merged' || change.merge.status === 'closed';
  return change.projects.flatMap((project): Hold[] => {
    const { key } = project;
    switch (project.status) {
      case 'applying':
        return project.phase === 'claimed' ? [{ project: key, attemptId: project.attemptId }] : [];
      case 'apply-interrupted':
        return [
          {
            project: key,
            attemptId: project.attemptId,
            quarantined: `nobody knows how its apply ended: ${project.reason}`,
          },
        ];
      case 'apply-failed': {
        if (project.holdReleased === true) return [];
        const hold = { project: key, attemptId: project.attemptId };
        if (project.failure !== 'failed-partial') return over ? [] : [hold];
        return [{ ...hold, quarantined: `its apply failed half way: ${project.reason}` }];
      }
      case 'applied':
      case 'released':
      case 'applied-unmerged':
        return over || project.holdReleased === true ? [] : [{ project: key, attemptId: project.attemptId }];
      case 'opening-ticket':
      case 'planning':
      case 'plan-failed':
      case 'no-changes':
      case 'awaiting-approval':
      case 'rejected':
      case 'expired':
      case 'gating':
      case 'blocked':
      case 'ready':
      case 'merged':
      case 'cancelled':
      case 'closed':
        return [];
    }
  });
}
