import type { Rejected } from '../project.ts';
import {
  base,
  become,
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

/** The approver said no. Another plan puts the change in front of the approver again. */
export function whileRejected(project: Rejected, signal: Signal, around: Surroundings): Step {
  switch (signal.type) {
    case 'plan-commanded':
      return plan(project, around, signal.adjustments);
    case 'apply-commanded':
      return refuse(
        project,
        'not-approved',
        'its approval was rejected',
        'change the code and push, or comment `countersign plan` to ask again',
      );
    case 'review-again':
      return become({ ...base(project), status: 'awaiting-approval', plan: project.plan });
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
