import type { AppliedUnmerged } from '../project.ts';
import { become, close, merge, refuse, type Signal, stay, type Step } from './step.ts';

/** Applied and tagged, but the code host refused the merge; it is tried again whenever something around it moves. */
export function whileAppliedUnmerged(project: AppliedUnmerged, signal: Signal): Step {
  switch (signal.type) {
    case 'surroundings-changed':
      return become(project, { type: 'merge-change' });
    case 'merge-refused':
      return become({ ...project, reason: signal.reason });
    case 'merged':
      return merge(project);
    case 'closed':
      return close(project);
    case 'apply-commanded':
      return refuse(
        project,
        'nothing-to-apply',
        'it is applied already; only the merge is missing',
        project.reason,
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
