import type { Change, Project, TicketOutcome } from './change.ts';
import { currentTupleHash, plannedProjects } from './approved-tuple.ts';
import { attemptOpen, type Decision, signal, withChange, withEffects, withEntry } from './decision.ts';
import { setReview } from './on-ticket.ts';
import { openTicket } from './on-merge-request.ts';

/** What follows for the change as a whole from where its projects stand now. */
export function settle(decision: Decision, at: string): Decision {
  return closeOverTicket(finishRelease(putInReview(readNewerHead(decision), at), at));
}

/** A head that came while an attempt was running is looked at as soon as none is. */
function readNewerHead(decision: Decision): Decision {
  const { change } = decision;
  if (change.newerHead === undefined || change.projects.some(attemptOpen)) return decision;
  const { newerHead: _, ...rest } = change;
  return withEffects({ ...decision, change: rest }, { type: 'read-merge-request' });
}

/** Once every project is planned, what they would do goes in front of the approver, or keeps the approval it has. */
function putInReview(decision: Decision, at: string): Decision {
  const { change } = decision;
  const { ticket } = change;
  if (change.merge.status === 'merged' || change.merge.status === 'closed') return decision;
  if (change.projects.some((project) => project.status === 'expired'))
    return closeTicket(decision, 'expired', 'its plan got too old');
  if (!change.projects.every(isPlanned)) return decision;
  const tuple = currentTupleHash(change);
  if (tuple === undefined) return nothingToApprove(decision);
  if (!change.projects.some((project) => project.status === 'awaiting-approval')) return decision;
  if (ticket.status !== 'open') return openTicket(decision);
  const { review } = ticket;
  if ('tupleHash' in review && review.tupleHash === tuple && review.status !== 'rejected') {
    return review.status === 'approved' ? rebind(decision, tuple, at) : decision;
  }
  if (ticket.spent)
    return openTicket(closeTicket(decision, 'failed', 'the plan is another one after the failed apply'));
  const voided =
    review.status === 'approved'
      ? withEntry(decision, 'approval-voided', {
          key: ticket.key,
          moveId: review.moveId,
          why: 'the plan is another one',
        })
      : decision;
  const presenting = setReview(voided, { status: 'presenting', round: review.round + 1, tupleHash: tuple });
  return withEffects(presenting, { type: 'present-ticket' });
}

/** An equal plan may take the place of the approved one: same approval, another bundle. */
function rebind(decision: Decision, tupleHash: string, at: string): Decision {
  const waiting = plannedProjects(decision.change).filter(({ status }) => status === 'awaiting-approval');
  const planRuns = waiting.map(({ plan }) => plan.planRunId);
  const entered = withEntry(decision, 'plan-rebound', { tupleHash, planRuns });
  return signal(entered, at, { type: 'approved' }, (project) => project.status === 'awaiting-approval');
}

function isPlanned(project: Project): boolean {
  switch (project.status) {
    case 'opening-ticket':
    case 'planning':
    case 'plan-failed':
    case 'cancelled':
    case 'apply-interrupted':
    case 'apply-failed':
      return false;
    case 'no-changes':
    case 'awaiting-approval':
    case 'rejected':
    case 'expired':
    case 'gating':
    case 'blocked':
    case 'ready':
    case 'applying':
    case 'applied':
    case 'released':
    case 'applied-unmerged':
    case 'merged':
    case 'closed':
      return true;
  }
}

function nothingToApprove(decision: Decision): Decision {
  return closeTicket(decision, 'no-changes', 'the plan has no changes');
}

/** Every project is applied: a checkpoint is made for the tag, then the tag, then the merge. */
function finishRelease(decision: Decision, at: string): Decision {
  const { change } = decision;
  const planned = plannedProjects(change);
  if (planned.length === 0 || !change.projects.every(isFinished)) return decision;
  if (change.release.status === 'none' && planned.every(({ status }) => status === 'applied')) {
    return withEffects(withChange(decision, { release: { status: 'preparing' } }), {
      type: 'prepare-release',
    });
  }
  if (change.release.status === 'tagged' && planned.some(({ status }) => status === 'applied')) {
    const released = signal(decision, at, { type: 'tagged' });
    return change.merge.status === 'open'
      ? withEffects(withChange(released, { merge: { status: 'merging' } }), { type: 'merge-change' })
      : released;
  }
  return decision;
}

function isFinished(project: Project): boolean {
  return ['no-changes', 'applied', 'released', 'applied-unmerged'].includes(project.status);
}

/** The ticket is closed with the result once the change is over, or is applied and tagged and only the merge is left. */
function closeOverTicket(decision: Decision): Decision {
  const { change } = decision;
  const { merge, release, ticket } = change;
  if (ticket.status !== 'open' || change.projects.some(attemptOpen)) return decision;
  if (merge.status === 'merged' || merge.status === 'closed') {
    const applied = release.status === 'tagged';
    if (release.status === 'preparing' || release.status === 'tagging') return decision;
    const why = `the merge request was ${merge.status}`;
    return closeTicket(
      decision,
      applied ? 'done' : ticket.spent ? 'partial' : outcomeUnapplied(merge.status),
      why,
    );
  }
  if (merge.status === 'refused')
    return closeTicket(decision, 'done', `applied and tagged; not merged yet: ${merge.reason}`);
  if (
    change.projects.some(
      (project) => project.status === 'apply-failed' && project.failure === 'failed-partial',
    )
  ) {
    return closeTicket(decision, 'failed', 'an apply failed half way');
  }
  return decision;
}

function outcomeUnapplied(merge: 'merged' | 'closed'): TicketOutcome {
  return merge === 'merged' ? 'superseded' : 'cancelled';
}

function closeTicket(decision: Decision, outcome: TicketOutcome, reason: string): Decision {
  const { ticket } = decision.change;
  if (ticket.status !== 'open') return decision;
  const { number, key, url } = ticket;
  const closed: Change['ticket'] = { status: 'closed', number, key, url, outcome };
  return withEffects(withChange(decision, { ticket: closed }), {
    type: 'close-ticket',
    key,
    outcome,
    reason,
  });
}
