import type { Project } from './project.ts';
import type { Effect } from './effect.ts';

/**
 * How effects of one change get along: `coalesce` names desired state, of which one waiting effect is enough;
 * `exclusive` names a place that is written by one effect at a time, in order; `paceMs` lies between two writes of it.
 * `underway` is how many of the change's projects are on their way to somewhere else.
 */
export function effectKeys(
  changeId: string,
  effect: Effect,
  underway: number,
): { coalesce?: string; exclusive?: string; paceMs?: number } {
  switch (effect.type) {
    case 'read-merge-request':
    case 'read-ticket':
    case 'merge-change':
    case 'prepare-release':
    case 'compare-after-merge':
      return { coalesce: `${effect.type}:${changeId}`, exclusive: `${effect.type}:${changeId}` };
    case 'publish-note':
    case 'publish-status':
      return {
        coalesce: `${effect.type}:${changeId}`,
        exclusive: `${effect.type}:${changeId}`,
        paceMs: paceOf(underway),
      };
    case 'withdraw-ticket':
    case 'present-ticket':
      return { coalesce: `${effect.type}:${changeId}`, exclusive: `ticket:${changeId}` };
    case 'open-ticket':
    case 'close-ticket':
      return { exclusive: `ticket:${changeId}` };
    case 'answer-command':
    case 'answer-question':
      return { exclusive: `answer:${changeId}:${effect.noteId}` };
    case 'tell-waiting':
    case 'run-plan':
    case 'stop-plan':
    case 'collect-evidence':
    case 'run-apply':
    case 'interrupt-apply':
    case 'tag-release':
    case 'resolve-attempt':
      return {};
  }
}

/** How many projects will soon be elsewhere by themselves. */
export function countUnderway(projects: readonly Project[]): number {
  return projects.filter(({ status }) => UNDERWAY.has(status)).length;
}

const UNDERWAY: ReadonlySet<Project['status']> = new Set([
  'opening-ticket',
  'planning',
  'gating',
  'applying',
]);

/**
 * Where the last project comes to rest is shown at once; the more are still to come, the longer it pays to wait for
 * them, so that two hundred that finish one after another make a handful of edits.
 */
function paceOf(underway: number): number {
  return Math.min(30_000, Math.max(200, (underway - 1) * 2_000));
}
