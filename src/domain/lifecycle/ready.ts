import type { Ready } from '../project.ts';
import {
  base,
  become,
  cancel,
  close,
  gate,
  merge,
  plan,
  purposeUncommanded,
  type Signal,
  stay,
  type Step,
  type Surroundings,
  wait,
} from './step.ts';

/** Every gate said yes; an operator may apply. Asked again when a webhook says that something around it moved, or the time has come. */
export function whileReady(project: Ready, signal: Signal, around: Surroundings): Step {
  switch (signal.type) {
    case 'approved':
      return gate(project, purposeUncommanded(project, around), around);
    case 'surroundings-changed':
      return signal.source !== 'sweep'
        ? gate(project, purposeUncommanded(project, around), around)
        : stay(project);
    case 'apply-commanded':
      return gate(project, { kind: 'apply', command: signal.command }, around);
    case 'rejected':
      return become({ ...base(project), status: 'rejected', plan: project.plan });
    case 'review-again':
      return become({ ...base(project), status: 'awaiting-approval', plan: project.plan });
    case 'plan-expired':
      return signal.planRunId === project.plan.planRunId
        ? become({ ...base(project), status: 'expired', plan: project.plan })
        : stay(project);
    case 'plan-commanded':
      return plan(project, around, signal.adjustments);
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
    case 'gates-evaluated':
    case 'evaluation-stale':
    case 'attempt-claimed':
    case 'attempt-ended':
    case 'attempt-lost':
    case 'attempt-resolved':
    case 'tagged':
    case 'merge-refused':
      return stay(project);
  }
}
