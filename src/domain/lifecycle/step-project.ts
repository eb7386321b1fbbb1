import type { Project } from '../project.ts';
import { whileApplied } from './applied.ts';
import { whileAppliedUnmerged } from './applied-unmerged.ts';
import { whileApplyFailed } from './apply-failed.ts';
import { whileApplyInterrupted } from './apply-interrupted.ts';
import { whileApplying } from './applying.ts';
import { whileAwaitingApproval } from './awaiting-approval.ts';
import { whileBlocked } from './blocked.ts';
import { whileCancelled } from './cancelled.ts';
import { whileClosed } from './closed.ts';
import { whileExpired } from './expired.ts';
import { whileGating } from './gating.ts';
import { whileHeld } from './held.ts';
import { whileMerged } from './merged.ts';
import { whileNoChanges } from './no-changes.ts';
import { whileOpeningTicket } from './opening-ticket.ts';
import { whilePlanFailed } from './plan-failed.ts';
import { whilePlanning } from './planning.ts';
import { whileReady } from './ready.ts';
import { whileRejected } from './rejected.ts';
import { whileReleased } from './released.ts';
import type { Signal, Step, Surroundings } from './step.ts';

/** What a signal means for one project, in whatever status it is. */
export function stepProject(project: Project, signal: Signal, around: Surroundings): Step {
  switch (project.status) {
    case 'opening-ticket':
      return whileOpeningTicket(project, signal, around);
    case 'planning':
      return whilePlanning(project, signal, around);
    case 'held':
      return whileHeld(project, signal, around);
    case 'plan-failed':
      return whilePlanFailed(project, signal, around);
    case 'no-changes':
      return whileNoChanges(project, signal, around);
    case 'awaiting-approval':
      return whileAwaitingApproval(project, signal, around);
    case 'rejected':
      return whileRejected(project, signal, around);
    case 'expired':
      return whileExpired(project, signal, around);
    case 'gating':
      return whileGating(project, signal, around);
    case 'blocked':
      return whileBlocked(project, signal, around);
    case 'ready':
      return whileReady(project, signal, around);
    case 'applying':
      return whileApplying(project, signal, around);
    case 'applied':
      return whileApplied(project, signal);
    case 'apply-failed':
      return whileApplyFailed(project, signal, around);
    case 'apply-interrupted':
      return whileApplyInterrupted(project, signal, around);
    case 'released':
      return whileReleased(project, signal);
    case 'applied-unmerged':
      return whileAppliedUnmerged(project, signal);
    case 'merged':
      return whileMerged(project, signal);
    case 'cancelled':
      return whileCancelled(project, signal, around);
    case 'closed':
      return whileClosed(project, signal);
  }
}
