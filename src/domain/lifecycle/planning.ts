import type { Planning } from '../project.ts';
import type { PlanRunOutcome } from '../fact.ts';
import {
  base,
  become,
  cancel,
  close,
  merge,
  orderOf,
  plan,
  refuse,
  type Signal,
  stay,
  type Step,
  type Surroundings,
  wait,
} from './step.ts';

/** A worker plans the project, or soon will. */
export function whilePlanning(project: Planning, signal: Signal, around: Surroundings): Step {
  const stop = { type: 'stop-plan', planRunId: project.planRunId } as const;
  switch (signal.type) {
    case 'plan-ended':
      return signal.planRunId === project.planRunId ? planned(project, signal.outcome) : stay(project);
    case 'plan-commanded': {
      const again = plan(project, around, signal.adjustments);
      return { ...again, effects: [stop, ...again.effects] };
    }
    case 'apply-commanded':
      return refuse(project, 'not-approved', 'it is being planned', 'wait for the plan and its approval');
    case 'held':
      return wait(project, signal.by, stop);
    case 'cancelled':
      return cancel(project, stop);
    case 'merged':
      return merge(project, stop);
    case 'closed':
      return close(project, stop);
    case 'ticket-opened':
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

function planned(project: Planning, outcome: PlanRunOutcome): Step {
  switch (outcome.kind) {
    case 'planned':
      return become({
        ...base(project),
        ...orderOf(project),
        status: 'awaiting-approval',
        plan: outcome.plan,
      });
    case 'no-changes':
      return become({ ...base(project), status: 'no-changes', planRunId: project.planRunId });
    case 'failed':
      return become({
        ...base(project),
        status: 'plan-failed',
        planRunId: project.planRunId,
        reason: outcome.reason,
      });
  }
}
