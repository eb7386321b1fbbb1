import type { Closed } from '../project.ts';
import { merge, refuse, type Signal, stay, type Step } from './step.ts';

/** The merge request was closed. Opening it again makes a new revision. */
export function whileClosed(project: Closed, signal: Signal): Step {
  switch (signal.type) {
    case 'merged':
      return merge(project);
    case 'apply-commanded':
      return refuse(
        project,
        'nothing-to-apply',
        'its merge request is closed',
        'open it again, or open another one',
      );
    case 'ticket-opened':
    case 'plan-ended':
    case 'plan-expired':
    case 'plan-commanded':
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
    case 'closed':
    case 'held':
      return stay(project);
  }
}
