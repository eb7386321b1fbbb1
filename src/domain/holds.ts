import type { Change, Hold } from './change.ts';
import type { Project } from './project.ts';
import { attemptOpen } from './decision.ts';
import { isOver } from './over.ts';

/**
 * The projects a change holds after a fact: from the claim of an attempt until the merge request is merged or closed,
 * or an operator gives the hold back; a push or another plan changes nothing about it. What nobody vouches for is
 * quarantined, whatever becomes of the merge request, until an operator says otherwise. What is held for its plan only
 * is held no longer than there is a plan, or one is being made.
 */
export function holdsAfter(before: Change, after: Change): readonly Hold[] {
  const holds = new Map(after.holds.map((hold) => [hold.project, hold]));
  for (const project of after.projects) {
    const hold = takenBy(
      project,
      before.projects.find(({ key }) => key === project.key),
    );
    if (hold !== undefined) holds.set(project.key, hold);
  }
  const over = isOver(after);
  const running = new Set(after.projects.filter(attemptOpen).map(({ key }) => key));
  const planned = new Set(after.projects.filter(isHeldForPlan).map(({ key }) => key));
  return [...holds.values()].filter(({ project, attemptId, quarantined }) => {
    if (quarantined !== undefined || running.has(project)) return true;
    return !over && (attemptId !== undefined || planned.has(project));
  });
}

/** What an attempt's claim, or its end, makes of the hold; `undefined` when neither has just come. */
function takenBy(now: Project, was: Project | undefined): Hold | undefined {
  if (now === was) return undefined;
  if (now.status === 'applying' && now.phase === 'claimed')
    return { project: now.key, attemptId: now.attemptId };
  if (was === undefined || !attemptOpen(was) || !('attemptId' in was)) return undefined;
  const hold = { project: now.key, attemptId: was.attemptId };
  if (now.status === 'apply-interrupted')
    return { ...hold, quarantined: `nobody knows how its apply ended: ${now.reason}` };
  if (now.status === 'apply-failed' && now.failure === 'failed-partial')
    return { ...hold, quarantined: `its apply failed half way: ${now.reason}` };
  return hold;
}

/** Whether a hold that began with the plan goes on: nobody needs one for a plan that is not there. */
export function isHeldForPlan({ holdFrom, status }: Project): boolean {
  return holdFrom === 'plan' && HOLDING.has(status);
}

const HOLDING: ReadonlySet<Project['status']> = new Set([
  'planning',
  'awaiting-approval',
  'rejected',
  'expired',
  'gating',
  'blocked',
  'ready',
  'applying',
]);

/** Keys of the projects that this change must hold before it plans any of them, and does not hold yet; in order. */
export function toReserve({ projects, holds }: Change): readonly string[] {
  const held = new Set(holds.map(({ project }) => project));
  return projects
    .filter(({ key, holdFrom }) => holdFrom === 'plan' && !held.has(key))
    .filter(({ status }) => status === 'planning' || status === 'held')
    .map(({ key }) => key)
    .toSorted();
}

/** The project is held because an attempt was claimed, or is quarantined: it stays so whatever is planned. */
export function isHeldForApply({ holds }: Change, key: string): boolean {
  return holds.some(
    ({ project, attemptId, quarantined }) =>
      project === key && (attemptId !== undefined || quarantined !== undefined),
  );
}

/** The change without its hold on a project; one that may be running an apply keeps it. */
export function withoutHold(change: Change, key: string): Change {
  if (change.projects.some((project) => project.key === key && attemptOpen(project))) return change;
  return { ...change, holds: change.holds.filter(({ project }) => project !== key) };
}
