import type { Held } from '../project.ts';
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

/** Waits for another change that holds the project, and is planned by itself once that lets go. */
export function whileHeld(project: Held, signal: Signal, around: Surroundings): Step {
  const { by } = project;
  switch (signal.type) {
    case 'surroundings-changed':
      return signal.freed?.includes(by.project) === true ? plan(project, around) : stay(project);
    case 'plan-commanded':
      return plan(project, around, signal.adjustments);
    case 'apply-commanded':
      return refuse(
        project,
        'not-approved',
        `it has no plan: !${by.iid} holds ${by.project}`,
        `it is planned by itself once !${by.iid} is merged, closed or unlocked`,
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
    case 'held':
    case 'attempt-claimed':
    case 'attempt-ended':
    case 'attempt-lost':
    case 'attempt-resolved':
    case 'tagged':
    case 'merge-refused':
      return stay(project);
  }
}
