import { changeStatus } from './change-status.ts';
import type { Change } from './change.ts';
import type { Effect } from './effect.ts';
import type { Project } from './project.ts';

/**
 * How effects of one change get along: `coalesce` names desired state, of which one waiting effect is enough;
 * `exclusive` names a place that is written by one effect at a time, in order; `paceMs` lies between two writes of it.
 */
export function effectKeys(
  changeId: string,
  effect: Effect,
  progress: Progress,
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
        paceMs: paceOf(progress),
      };
    case 'withdraw-ticket':
    case 'tell-break-glass':
    case 'present-ticket':
    case 'ask-on':
    case 'remind-approvers':
      return { coalesce: `${effect.type}:${changeId}`, exclusive: `ticket:${changeId}` };
    case 'tell-release-tag':
      return {
        coalesce: `${effect.type}:${changeId}:${effect.tag}`,
        exclusive: `${effect.type}:${changeId}:${effect.tag}`,
      };
    case 'review-debt':
      return {
        coalesce: `${effect.type}:${changeId}:${effect.key}`,
        exclusive: `ticket:${changeId}`,
      };
    case 'wake-change':
      return { coalesce: `${effect.type}:${changeId}:${effect.at}` };
    case 'open-ticket':
    case 'close-ticket':
      return { exclusive: `ticket:${changeId}` };
    case 'answer-command':
    case 'answer-question':
    case 'open-rollback':
      return { exclusive: `answer:${changeId}:${effect.noteId}` };
    case 'tell-waiting':
    case 'run-plan':
    case 'stop-plan':
    case 'collect-evidence':
    case 'run-apply':
    case 'verify-apply':
    case 'interrupt-apply':
    case 'tag-release':
    case 'resolve-attempt':
      return {};
  }
}

/** Where a change's projects stand on their way. */
export interface Progress {
  projects: number;
  /** How many of them will soon be elsewhere by themselves. */
  underway: number;
  /** The change as a whole has just become something else. */
  turned: boolean;
  /** Its ticket is on the way to its approvers. */
  ticketing: boolean;
}

/** Nothing is on its way, so there is nothing to wait for. */
export const AT_REST: Progress = { projects: 0, underway: 0, turned: false, ticketing: false };

/** The progress of a change that a fact has moved. */
export function progressOf(before: Change, after: Change): Progress {
  const { projects, ticket } = after;
  return {
    projects: projects.length,
    underway: projects.filter(({ status }) => UNDERWAY.has(status)).length,
    turned: changeStatus(before) !== changeStatus(after),
    ticketing:
      ticket.status === 'opening' || (ticket.status === 'open' && ticket.review.status === 'presenting'),
  };
}

const UNDERWAY: ReadonlySet<Project['status']> = new Set([
  'opening-ticket',
  'planning',
  'gating',
  'applying',
]);

/** As many can be told one after another. */
const FEW = 8;
/** Shares of many that are still to come when it is time to tell of the others. */
const TOLD_AT = [1 / 2, 1 / 12];
const MINUTE = 60_000;

/**
 * How long it pays to wait for more before something is told. That all has come to rest is told at once, a turn of the
 * whole soon. A few projects are waited for a little. Of many it is told twice on the way and before the last one, so
 * that two hundred that finish one after another make a handful of edits, however slowly they do.
 */
function paceOf({ projects, ticketing, turned, underway }: Progress): number {
  const many = projects > FEW;
  if (underway === 0) return many && ticketing ? 3_000 : 200;
  if (!many) return turned ? 200 : Math.max(200, (underway - 1) * 2_000);
  if (turned) return 3_000;
  if (underway === 1) return MINUTE / 2;
  return TOLD_AT.some((share) => underway === Math.ceil(projects * share)) ? 200 : 60 * MINUTE;
}
