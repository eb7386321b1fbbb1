import type { ApplyInterrupted } from '../project.ts';
import { attemptEnded } from './applying.ts';
import { base, become, refuse, type Signal, stay, type Step, type Surroundings } from './step.ts';

/** Nobody knows what became of the attempt. Only a person can say so, or the attempt itself when it turns out alive. */
export function whileApplyInterrupted(project: ApplyInterrupted, signal: Signal, around: Surroundings): Step {
  const { plan, attemptId } = project;
  switch (signal.type) {
    case 'attempt-ended':
      return signal.attemptId === attemptId ? attemptEnded(project, signal.outcome, around) : stay(project);
    case 'attempt-resolved':
      if (signal.attemptId !== attemptId) return stay(project);
      return signal.as === 'applied'
        ? become({ ...base(project), status: 'applied', plan, attemptId })
        : become({
            ...base(project),
            status: 'apply-failed',
            plan,
            attemptId,
            failure: 'aborted',
            reason: signal.reason,
          });
    case 'plan-commanded':
    case 'apply-commanded':
    case 'cancelled':
      return refuse(
        project,
        'attempt-running',
        `nobody knows how its apply ended: ${project.reason}`,
        `an operator finds out and comments \`countersign resolve ${project.key} applied|not-applied REASON\``,
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
    case 'attempt-claimed':
    case 'attempt-lost':
    case 'tagged':
    case 'merge-refused':
    case 'merged':
    case 'closed':
    case 'held':
      return stay(project);
  }
}
