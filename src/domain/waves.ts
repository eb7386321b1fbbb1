import { isBeingPlanned } from './being-planned.ts';
import type { Change } from './change.ts';
import { type Decision, signal, withChange } from './decision.ts';
import type { Project } from './project.ts';

/** What a later wave plans is only what could be seen before the wave in front of it was applied. */
export function isForecast({ wave }: Pick<Change, 'wave'>, project: Pick<Project, 'wave'>): boolean {
  return project.wave > wave;
}

/**
 * The next wave opens once everything before it is applied or had nothing to apply. Its projects are planned again,
 * since what they read may be another thing by now; unless nothing was applied, for then the forecasts are the plans.
 */
export function openNextWave(decision: Decision, at: string): Decision {
  const { projects, wave } = decision.change;
  const again = projects.filter((project) => project.wave < wave && isBeingPlanned(project));
  if (again.length > 0) return goBack(decision, Math.min(...again.map((project) => project.wave)), at);
  const before = projects.filter((project) => !isForecast({ wave }, project));
  const later = projects.filter((project) => isForecast({ wave }, project));
  if (later.length === 0 || !before.every(isDone)) return decision;
  const next = Math.min(...later.map((project) => project.wave));
  const opened = withChange(decision, { wave: next });
  if (before.every(({ status }) => status === 'no-changes')) return openNextWave(opened, at);
  const isNext = (project: Project) => project.wave === next && project.status !== 'applying';
  return signal(opened, at, { type: 'plan-commanded' }, isNext);
}

/** What had nothing to apply may get something to apply, by a command; then what is behind it is a forecast again. */
function goBack(decision: Decision, wave: number, at: string): Decision {
  const isBehind = (project: Project) => project.wave > wave && ASKED_FOR.has(project.status);
  return signal(withChange(decision, { wave }), at, { type: 'review-again' }, isBehind);
}

/** On their way from an approval to an attempt. */
const ASKED_FOR: ReadonlySet<Project['status']> = new Set(['gating', 'blocked', 'ready', 'applying']);

function isDone({ status }: Project): boolean {
  return status === 'applied' || status === 'no-changes';
}

/** The wave that is open has had no attempt yet: its plans go on the ticket that the waves before it were approved on. */
export function waveIsFresh({ projects, wave }: Change): boolean {
  return (
    wave > 0 &&
    projects
      .filter((project) => project.wave === wave)
      .every((project) => !('attemptId' in project) && project.cleanFailures === undefined)
  );
}
