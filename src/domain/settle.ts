import { approvalInForce, isApproving } from './approval.ts';
import { canonicalHash } from './canonical-hash.ts';
import { currentTupleHash, everyPlanned, plannedProjects } from './approved-tuple.ts';
import type { Change } from './change.ts';
import type { Project } from './project.ts';
import { isOwed, presentDebts } from './debts.ts';
import { attemptOpen, type Decision, signal, withChange, withEffects, withEntry } from './decision.ts';
import { goesInAdvance, prepare } from './in-advance.ts';
import { isOver, missedByMerge } from './over.ts';
import { isBeingVerified } from './on-verification.ts';
import { isForecast, openNextWave, waveIsFresh } from './waves.ts';
import { busy, closeTicket, openTicket, present, withdraw } from './ticket-steps.ts';
import { workPlanOf } from './work-plan.ts';

/** What follows for the change as a whole from where its projects stand now. */
export function settle(decision: Decision, at: string): Decision {
  const released = finishRelease(putInReview(openNextWave(decision, at), at), at);
  return presentDebts(endStory(closeOverTicket(readNewerHead(askForNumber(released))), at));
}

/** Some project cannot be planned before the ticket, whose number it carries, is there. */
function askForNumber(decision: Decision): Decision {
  const waits = decision.change.projects.some(({ status }) => status === 'opening-ticket');
  return waits ? openTicket(decision) : decision;
}

/** A head that came while an attempt was running is looked at as soon as that is over and tagged. */
function readNewerHead(decision: Decision): Decision {
  const { change } = decision;
  if (change.newerHead === undefined || busy(change)) return decision;
  const { newerHead: _, ...rest } = change;
  return withEffects({ ...decision, change: rest }, { type: 'read-merge-request' });
}

/** Once every project is planned, what they would do goes in front of the approver, or keeps the approval it has. */
function putInReview(decision: Decision, at: string): Decision {
  const { change } = decision;
  const { projects, ticket } = change;
  if (isOver(change)) return decision;
  const running = projects.some(attemptOpen);
  if (projects.some(({ status }) => status === 'expired'))
    return running ? decision : closeTicket(decision, 'expired', 'its plan got too old');
  // Nobody reviews what may not be applied as it stands: a draft again, say.
  if (change.notAdmitted !== undefined || !everyPlanned(change)) return decision;
  const tuple = currentTupleHash(change);
  if (tuple === undefined) return closeTicket(decision, 'no-changes', whyNothing(change));
  if (!projects.some((project) => isWaiting(change, project))) return decision;
  if (ticket.status !== 'open') return openTicket(decision);
  const { review } = ticket;
  if ('tupleHash' in review && review.tupleHash === tuple && review.status !== 'rejected') {
    return isApproving(review) ? rebind(decision, tuple, at) : decision;
  }
  // What cannot wait goes first; then the rest is asked about.
  if (approvalInForce(change)?.kind === 'break-glass') return decision;
  const owed = isOwed(change, ticket.key);
  if (!owed && (!ticket.spent || waveIsFresh(change)))
    return signal(putForward(decision, tuple), at, { type: 'review-again' });
  const why = owed
    ? 'what was applied in an emergency is approved under it; the rest is asked about anew'
    : 'the plan is another one than the approved one, after an attempt was started';
  if (!running) return openTicket(numberedAnew(closeTicket(decision, 'failed', why), at));
  return review.status === 'withdrawn' ? decision : withdraw(decision, why);
}

function whyNothing({ projects }: Change): string {
  return projects.length === 0 ? 'the merge request touches no project any more' : 'the plan has no changes';
}

/** In front of the approver; or, where that may be approved in advance, only onto the ticket. */
function putForward(decision: Decision, tuple: string): Decision {
  const { change } = decision;
  return goesInAdvance(change) ? prepare(decision, tuple) : present(decision, tuple, differing(change));
}

/** Its plan is what would be applied next, and nobody has said yes to it; forecasts wait for their wave. */
function isWaiting(change: Change, project: Project): boolean {
  return project.status === 'awaiting-approval' && !isForecast(change, project);
}

/** Why the approver is asked again. */
function differing({ approvedWorkPlan, description, ticket, wave }: Change): string | undefined {
  if (ticket.status !== 'open') return undefined;
  if (ticket.spent) return `wave ${wave + 1} would do something else than its forecast said`;
  const { review } = ticket;
  if (review.status === 'withdrawn' && review.round > 0) return review.why;
  const isEdited =
    approvedWorkPlan !== undefined &&
    canonicalHash(approvedWorkPlan) !== canonicalHash(workPlanOf(description).sections);
  return review.status === 'approved' && isEdited
    ? 'the work plan in the merge request’s description was edited'
    : undefined;
}

/** Plans that carry the old ticket's number are made again under the new one. */
function numberedAnew(decision: Decision, at: string): Decision {
  const outdated = (project: Project) => project.status === 'awaiting-approval' && project.declaresApprovalId;
  return signal(decision, at, { type: 'plan-commanded' }, outdated);
}

/** An equal plan may take the place of the approved one: same approval, another bundle. */
function rebind(decision: Decision, tupleHash: string, at: string): Decision {
  const waiting = plannedProjects(decision.change).filter((each) => isWaiting(decision.change, each));
  const planRuns = waiting.map(({ plan }) => plan.planRunId);
  const entered = withEntry(decision, 'plan-rebound', { tupleHash, planRuns });
  return signal(entered, at, { type: 'approved' }, (project) => project.status === 'awaiting-approval');
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
    return change.merge.status === 'open' && change.revision?.mergeAfterApply !== false
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
  const { merge, ticket } = change;
  if (ticket.status !== 'open' || busy(change) || isBeingVerified(change)) return decision;
  if (isOver(change)) {
    const unstarted = merge.status === 'merged' ? 'superseded' : 'cancelled';
    return closeTicket(decision, unstarted, whyOver(change));
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

function whyOver({ merge, projects }: Change): string {
  const missed = merge.status === 'merged' && projects.some(missedByMerge);
  return missed
    ? 'the merge request was merged before this was applied'
    : `the merge request was ${merge.status}`;
}

/** With the merge request the story of its projects ends; of those applied once that is tagged, and of none while its apply may run. */
function endStory(decision: Decision, at: string): Decision {
  const { change } = decision;
  const { merge } = change;
  if (merge.status !== 'merged' && merge.status !== 'closed') return decision;
  if (!isOver(change)) return decision;
  const unfinished = busy(change);
  return signal(decision, at, { type: merge.status }, ({ status }) => !(unfinished && status === 'applied'));
}
