import type { PlanFailed } from '../project.ts';
import {
  cancel,
  close,
  merge,
  plan,
  refuse,
  type Signal,
  stay,
  type Step,
  type Surroundings,
} from './step.ts';

/** Terraform could not plan the project; a person mends the code or asks for another plan. */
export function whilePlanFailed(project: PlanFailed, signal: Signal, around: Surroundings): Step {
  switch (signal.type) {
    case 'plan-commanded':
      return plan(project, around, signal.adjustments);
    case 'apply-commanded':
      return refuse(
        project,
        'not-approved',
        'its plan failed',
        'mend the code and push, or comment `countersign plan`',
      );
    case 'cancelled':
      return cancel(project);
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
