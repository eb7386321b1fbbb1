import type { AwaitingApproval } from '../project.ts';
import {
  base,
  become,
  cancel,
  close,
  gate,
  merge,
  plan,
  purposeUncommanded,
  refuse,
  type Signal,
  stay,
  type Step,
  type Surroundings,
  wait,
} from './step.ts';

/** The plan stands and waits for somebody to approve it. */
export function whileAwaitingApproval(project: AwaitingApproval, signal: Signal, around: Surroundings): Step {
  switch (signal.type) {
    case 'approved':
      // A forecast is approved with the rest; it is applied once its wave is open and it was planned anew.
      return project.wave > around.wave
        ? stay(project)
        : gate(project, purposeUncommanded(project, around), around);
    case 'apply-commanded':
      if (project.wave > around.wave)
        return refuse(
          project,
          'wave-not-open',
          'what it reads is not applied yet, so its plan is only a forecast',
          'it is planned again by itself once the wave in front of it is applied',
        );
      // The gates say no, and say everything that is missing: better than a bare "not approved".
      return gate(project, { kind: 'apply', command: signal.command }, around);
    case 'rejected':
      return become({ ...base(project), status: 'rejected', plan: project.plan });
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
    case 'review-again':
      // Whoever commanded it meant what was approved then.
      return project.ordered === undefined
        ? stay(project)
        : become({ ...base(project), status: 'awaiting-approval', plan: project.plan });
    case 'ticket-opened':
    case 'plan-ended':
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
