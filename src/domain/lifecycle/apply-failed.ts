import type { ApplyFailed } from '../project.ts';
import { close, merge, plan, refuse, type Signal, stay, type Step, type Surroundings } from './step.ts';

/** The attempt failed. After a partial failure the project stays in quarantine until an operator unlocks it. */
export function whileApplyFailed(project: ApplyFailed, signal: Signal, around: Surroundings): Step {
  switch (signal.type) {
    case 'plan-commanded':
      return plan({ ...project, commandNeeded: true }, around, signal.adjustments);
    case 'apply-commanded':
      return refuse(
        project,
        'nothing-to-apply',
        `its last apply failed: ${project.reason}`,
        'comment `countersign plan`',
      );
    case 'merged':
      return merge(project);
    case 'closed':
      return close(project);
    case 'ticket-opened':
    case 'plan-ended':
    case 'plan-expired':
    case 'approved':
    case 'rejected':
    case 'review-again':
    case 'gates-evaluated':
    case 'evaluation-stale':
    case 'surroundings-changed':
    case 'cancelled':
    case 'attempt-claimed':
    case 'attempt-ended':
    case 'attempt-lost':
    case 'attempt-resolved':
    case 'tagged':
    case 'merge-refused':
    case 'held':
      return stay(project);
  }
}
