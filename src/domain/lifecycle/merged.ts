import type { Merged } from '../project.ts';
import { refuse, type Signal, stay, type Step } from './step.ts';

/** The merge request is merged: the story is over. */
export function whileMerged(project: Merged, signal: Signal): Step {
  switch (signal.type) {
    case 'apply-commanded':
      return refuse(project, 'nothing-to-apply', 'its merge request is merged', 'open another merge request');
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
    case 'merge-refused':
    case 'merged':
    case 'closed':
    case 'held':
      return stay(project);
  }
}
