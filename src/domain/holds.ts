import type { Change, Hold } from './change.ts';
import type { Project } from './project.ts';
import { attemptOpen } from './decision.ts';

/**
 * The projects a change holds after a fact: from the claim of an attempt until the merge request is merged or closed,
 * or an operator gives the hold back; a push or another plan changes nothing about it. What nobody vouches for is
 * quarantined, whatever becomes of the merge request, until an operator says otherwise.
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
  const over = after.merge.status === 'merged' || after.merge.status === 'closed';
  const running = new Set(after.projects.filter(attemptOpen).map(({ key }) => key));
  return [...holds.values()].filter(
    ({ project, quarantined }) => !over || quarantined !== undefined || running.has(project),
  );
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

/** What is left of the holds once everything is given up that was held for its plan only. */
export function withoutPlanHolds({ holds }: Change): readonly Hold[] {
  return holds.filter(({ attemptId, quarantined }) => attemptId !== undefined || quarantined !== undefined);
}

/** The change without its hold on a project; one that may be running an apply keeps it. */
export function withoutHold(change: Change, key: string): Change {
  if (change.projects.some((project) => project.key === key && attemptOpen(project))) return change;
  return { ...change, holds: change.holds.filter(({ project }) => project !== key) };
}
