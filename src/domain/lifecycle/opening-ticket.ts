import type { OpeningTicket } from '../project.ts';
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

/** The project wants the approval number in its plan, so the ticket has to exist first. */
export function whileOpeningTicket(project: OpeningTicket, signal: Signal, around: Surroundings): Step {
  switch (signal.type) {
    case 'ticket-opened':
      return plan(project, around);
    case 'apply-commanded':
      return refuse(
        project,
        'not-approved',
        'it is not planned yet: its ticket is being opened',
        'wait for the plan',
      );
    case 'cancelled':
      return cancel(project);
    case 'merged':
      return merge(project);
    case 'closed':
      return close(project);
    case 'plan-commanded':
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
    case 'held':
      return stay(project);
  }
}
