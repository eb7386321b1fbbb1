import type { Released } from '../project.ts';
import { base, become, close, merge, refuse, type Signal, stay, type Step } from './step.ts';

/** Applied and tagged; the merge request is being merged. */
export function whileReleased(project: Released, signal: Signal): Step {
  switch (signal.type) {
    case 'merged':
      return merge(project);
    case 'merge-refused':
      return become({
        ...base(project),
        status: 'applied-unmerged',
        plan: project.plan,
        attemptId: project.attemptId,
        reason: signal.reason,
      });
    case 'closed':
      return close(project);
    case 'apply-commanded':
      return refuse(project, 'nothing-to-apply', 'it is applied already', 'nothing is to be done');
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
    case 'held':
      return stay(project);
  }
}
