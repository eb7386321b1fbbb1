import type { Expired } from '../project.ts';
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
  wait,
} from './step.ts';

/** The plan got too old to be approved or applied. */
export function whileExpired(project: Expired, signal: Signal, around: Surroundings): Step {
  switch (signal.type) {
    case 'plan-commanded':
      return plan(project, around, signal.adjustments);
    case 'apply-commanded':
      return refuse(
        project,
        'not-approved',
        'its plan expired',
        'comment `countersign plan` for a fresh one',
      );
    case 'held':
      return wait(project, signal.by);
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
      return stay(project);
  }
}
