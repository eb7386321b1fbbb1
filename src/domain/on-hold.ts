import type { Change } from './change.ts';
import { type Decision, signal, undisturbed, withChange, withRefusals } from './decision.ts';
import type { FactOf } from './fact.ts';
import { isHeldForApply, toReserve, withoutHold } from './holds.ts';
import { withdraw, withdrawCancelled } from './ticket-steps.ts';

/*
 * Projects that are held from their plan on. A change gets all it needs at once or waits for all of it, and while it
 * waits it holds nothing for a plan: so no two changes can wait for each other.
 */

/** The projects are this change's, since the database took the fact. One that was decided on an older picture is refused. */
export function onProjectsReserved(change: Change, fact: FactOf<'projects-reserved'>): Decision {
  const wanted = toReserve(change);
  const isCurrent = isPlanning(change, fact.planRunId) && wanted.every((key) => fact.projects.includes(key));
  if (!isCurrent) {
    const reason = `plan run ${fact.planRunId} needs other projects by now`;
    return withRefusals(undisturbed(change), { code: 'stale', reason, remedy: 'it is tried again by itself' });
  }
  if (wanted.length === 0) return undisturbed(change);
  return withChange(undisturbed(change), {
    holds: [...change.holds, ...wanted.map((project) => ({ project }))],
  });
}

/** Everything that has to be had together waits, and what was in front of an approver is taken back meanwhile. */
export function onProjectHeld(change: Change, fact: FactOf<'project-held'>, at: string): Decision {
  if (!isPlanning(change, fact.planRunId)) return undisturbed(change);
  const by = { ...fact.by, project: fact.project };
  const waiting = signal(
    undisturbed(change),
    at,
    { type: 'held', by },
    ({ key, holdFrom }) => holdFrom === 'plan' && !isHeldForApply(change, key),
  );
  const { ticket } = waiting.change;
  const isInReview = ticket.status === 'open' && !ticket.spent && ticket.review.status !== 'withdrawn';
  return isInReview ? withdraw(waiting, `!${by.iid} holds ${by.project}`) : waiting;
}

/** Gives back one hold. With one that was for a plan only the plan is given up, or it would be applied unprotected. */
export function releaseHold(change: Change, key: string, at: string): Decision {
  const released = undisturbed(withoutHold(change, key));
  const wasForPlan = change.holds.some(({ project }) => project === key) && !isHeldForApply(change, key);
  if (!wasForPlan) return released;
  return withdrawCancelled(signal(released, at, { type: 'cancelled' }, (project) => project.key === key));
}

function isPlanning({ projects }: Change, planRunId: string): boolean {
  return projects.some((project) => project.status === 'planning' && project.planRunId === planRunId);
}
