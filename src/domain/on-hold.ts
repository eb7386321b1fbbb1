import type { Change } from './change.ts';
import { type Decision, signal, undisturbed, withChange, withRefusals } from './decision.ts';
import type { FactOf } from './fact.ts';
import type { Project } from './project.ts';
import { isHeldForApply, isHeldForPlan, toReserve, withoutHold } from './holds.ts';
import { withdraw, withdrawCancelled } from './ticket-steps.ts';

/*
 * Projects that are held from their plan on. A change gets all it needs at once or waits for all of it, and while it
 * waits it holds nothing for a plan: so no two changes can wait for each other.
 */

/** The projects are this change's, since the database took the fact. One that was decided on an older picture is refused. */
export function onProjectsReserved(change: Change, fact: FactOf<'projects-reserved'>, at: string): Decision {
  const wanted = toReserve(change);
  const isCurrent =
    change.projects.some((project) => isRunOf(project, fact.planRunId)) &&
    wanted.every((key) => fact.projects.includes(key));
  if (!isCurrent) {
    const reason = `plan run ${fact.planRunId} needs other projects by now`;
    return withRefusals(undisturbed(change), {
      code: 'stale',
      reason,
      remedy: 'it is tried again by itself',
    });
  }
  if (wanted.length === 0) return undisturbed(change);
  const reserved = withChange(undisturbed(change), {
    holds: [...change.holds, ...wanted.map((project) => ({ project }))],
  });
  // One that waited for another may find that nobody is in the way any more before it is told so.
  return signal(reserved, at, { type: 'plan-commanded' }, ({ status }) => status === 'held');
}

/** Everything that has to be had together waits, and what was in front of an approver is taken back meanwhile. */
export function onProjectHeld(change: Change, fact: FactOf<'project-held'>, at: string): Decision {
  const isConcerned = ({ key, holdFrom }: Project) => holdFrom === 'plan' && !isHeldForApply(change, key);
  if (!change.projects.some((project) => isRunOf(project, fact.planRunId) && isConcerned(project)))
    return undisturbed(change);
  const by = { ...fact.by, project: fact.project };
  const waiting = signal(undisturbed(change), at, { type: 'held', by }, isConcerned);
  const { ticket } = waiting.change;
  const isInReview = ticket.status === 'open' && !ticket.spent && ticket.review.status !== 'withdrawn';
  return isInReview ? withdraw(waiting, `!${by.iid} holds ${by.project}`) : waiting;
}

/** Gives back one hold. A plan that must be held while it stands is given up with it: nothing would protect it. */
export function releaseHold(change: Change, key: string, at: string): Decision {
  const released = withoutHold(change, key);
  if (released.holds.length === change.holds.length) return undisturbed(change);
  const isUnprotected = (project: Project) => project.key === key && isHeldForPlan(project);
  if (!released.projects.some(isUnprotected)) return undisturbed(released);
  return withdrawCancelled(signal(undisturbed(released), at, { type: 'cancelled' }, isUnprotected));
}

function isRunOf(project: Project, planRunId: string): boolean {
  return project.status === 'planning' && project.planRunId === planRunId;
}
