import type { NoChanges } from '../project.ts';
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

/** The plan is empty: there is nothing to approve or apply. */
export function whileNoChanges(project: NoChanges, signal: Signal, around: Surroundings): Step {
  switch (signal.type) {
    case 'plan-commanded':
      return plan(project, around, signal.adjustments);
    case 'apply-commanded':
      return refuse(project, 'nothing-to-apply', 'its plan has no changes', 'nothing is to be done');
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
