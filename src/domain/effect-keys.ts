import type { Effect } from './effect.ts';

/**
 * How effects of one change get along: `coalesce` names desired state, of which one waiting effect is enough;
 * `exclusive` names a place that is written by one effect at a time, in order; `paceMs` lies between two writes of it.
 */
export function effectKeys(
  changeId: string,
  effect: Effect,
  projects: number,
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
        paceMs: paceOf(projects),
      };
    case 'withdraw-ticket':
    case 'present-ticket':
      return { coalesce: `${effect.type}:${changeId}`, exclusive: `ticket:${changeId}` };
    case 'open-ticket':
    case 'close-ticket':
      return { exclusive: `ticket:${changeId}` };
    case 'answer-command':
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

/** One project's plan is shown at once; two hundred that finish one after another make a handful of edits. */
function paceOf(projects: number): number {
  return Math.min(5_000, Math.max(200, projects * 25));
}
