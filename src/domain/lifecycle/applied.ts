import type { Applied } from '../project.ts';
import { base, become, close, merge, refuse, type Signal, stay, type Step } from './step.ts';

/** Its plan was applied; the change is tagged once every project got this far. */
export function whileApplied(project: Applied, signal: Signal): Step {
  switch (signal.type) {
    case 'tagged':
      return become({
        ...base(project),
        status: 'released',
        plan: project.plan,
        attemptId: project.attemptId,
      });
    case 'apply-commanded':
      return refuse(project, 'nothing-to-apply', 'it is applied already', 'nothing is to be done');
    case 'merged':
      return merge(project);
    case 'closed':
      return close(project);
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
    case 'merge-refused':
    case 'held':
      return stay(project);
  }
}
