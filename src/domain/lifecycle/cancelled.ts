import type { Cancelled } from '../project.ts';
import { close, merge, plan, refuse, type Signal, stay, type Step, type Surroundings } from './step.ts';

/** A person cancelled what was going on; another plan starts it again. */
export function whileCancelled(project: Cancelled, signal: Signal, around: Surroundings): Step {
  switch (signal.type) {
    case 'plan-commanded':
      return plan(project, around, signal.adjustments);
    case 'merged':
      return merge(project);
    case 'closed':
      return close(project);
    case 'apply-commanded':
      return refuse(
        project,
        'nothing-to-apply',
        'it was cancelled',
        'push, or comment `countersign plan`, to start again',
      );
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
