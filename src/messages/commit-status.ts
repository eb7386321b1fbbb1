import type { Change } from '#domain/change.ts';
import { changeStatus } from '#domain/change-status.ts';
import type { ChangeStatus } from '#domain/change-status.ts';
import { missedByMerge, waitsForMerge } from '#domain/over.ts';
import type { Project } from '#domain/project.ts';
import { oneLine, shortened } from './escape.ts';

export interface CommitStatusText {
  state: 'pending' | 'running' | 'success' | 'failed' | 'canceled';
  /** At most 255 characters, one line, plain text. */
  description: string;
}

/**
 * The commit status of a revision. It stays `running` from the first plan until the change is applied, which keeps GitLab
 * from merging where pipelines must succeed. GitLab does not let a running status change its words, and makes another
 * status of a finished one, so the words of all that runs and of all that succeeded are the same; the note says more.
 */
export function commitStatus(change: Change): CommitStatusText {
  const { state, text } = statusOf(changeStatus(change), change);
  return { state, description: shortened(oneLine(text), 255) };
}

/** The status of one project beside the change's own; none before it was planned. Its words are as constant as those. */
export function projectStatus(project: Project): CommitStatusText | undefined {
  switch (project.status) {
    case 'opening-ticket':
    case 'held':
    case 'planning':
      return undefined;
    case 'awaiting-approval':
    case 'gating':
    case 'blocked':
    case 'ready':
    case 'applying':
      return { state: RUNNING.state, description: RUNNING.text };
    case 'plan-failed':
      return { state: 'failed', description: 'The plan failed' };
    case 'rejected':
      return { state: 'failed', description: 'Rejected by an approver' };
    case 'expired':
      return { state: 'failed', description: 'The approval expired' };
    case 'apply-failed':
      return { state: 'failed', description: 'The apply failed: an operator decides how to go on' };
    case 'apply-interrupted':
      return { state: 'failed', description: 'The outcome of the apply is unknown: an operator has to look' };
    case 'no-changes':
      return { state: 'success', description: 'The plan changes nothing' };
    case 'applied':
    case 'released':
    case 'applied-unmerged':
    case 'merged':
      return { state: 'success', description: 'Applied' };
    case 'cancelled':
    case 'closed':
      return { state: 'canceled', description: 'Cancelled' };
  }
}

const RUNNING = { state: 'running', text: 'Planned; waits for approval, gates and apply' } as const;

function statusOf(status: ChangeStatus, change: Change): { state: CommitStatusText['state']; text: string } {
  switch (status) {
    case 'new':
    case 'opening-ticket':
    case 'planning':
    case 'held':
      return { state: 'pending', text: 'Planning' };
    case 'awaiting-approval':
    case 'gating':
    case 'blocked':
    case 'applying':
      return RUNNING;
    case 'ready':
      // A pipeline that must succeed must not keep people from the merge that it waits for.
      return waitsForMerge(change)
        ? { state: 'success', text: 'Approved: it is applied when it is merged' }
        : RUNNING;
    case 'not-admitted':
      // A draft is nobody's failure, and GitLab merges none.
      if (change.notAdmitted?.code === 'draft') return { state: 'pending', text: 'A draft is not planned' };
      return { state: 'failed', text: `No plan: ${change.notAdmitted?.reason ?? 'not admitted'}` };
    case 'nothing-touched':
      return { state: 'success', text: 'No Terraform project is touched' };
    case 'no-changes':
      return { state: 'success', text: 'The plans change nothing' };
    case 'plan-failed':
      return { state: 'failed', text: 'The plan failed: push a fix or comment "countersign plan"' };
    case 'rejected':
      return { state: 'failed', text: 'Rejected by an approver' };
    case 'expired':
      return { state: 'failed', text: 'The approval expired: comment "countersign plan"' };
    case 'apply-failed':
      return { state: 'failed', text: 'The apply failed: an operator decides how to go on' };
    case 'apply-interrupted':
      return { state: 'failed', text: 'The outcome of an apply is unknown: an operator has to look' };
    case 'applied':
    case 'released':
    case 'applied-unmerged':
      return { state: 'success', text: appliedText(change) };
    case 'merged':
      return change.projects.some(missedByMerge)
        ? { state: 'failed', text: 'Merged without being applied' }
        : { state: 'success', text: appliedText(change) };
    case 'cancelled':
      return { state: 'canceled', text: 'Cancelled: comment "countersign plan" to start again' };
    case 'closed':
      return { state: 'canceled', text: 'The merge request was closed' };
  }
}

function appliedText({ ticket }: Change): string {
  return 'key' in ticket ? `Applied under ${ticket.key}` : 'Nothing was left to apply';
}
