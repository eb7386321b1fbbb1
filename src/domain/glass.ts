import { currentTupleHash, everyPlanned } from './approved-tuple.ts';
import type { BreakGlass } from './break-glass.ts';
import type { Change, Debt } from './change.ts';
import { type Decision, undisturbed, withChange, withEffects, withEntry } from './decision.ts';
import type { Project } from './project.ts';
import { setReview, voidApproval } from './ticket-steps.ts';
import { minute } from './minute.ts';

/** Time alone puts an end to it: nobody is left with a broken glass. */
export function lapse(change: Change, at: string): Decision {
  const { breakGlass: glass } = change;
  if (glass === undefined || glass.status === 'over' || Date.parse(at) <= Date.parse(glass.until))
    return undisturbed(change);
  const why =
    glass.status === 'asked'
      ? `nobody confirmed it until ${minute(glass.until)}`
      : `it was good for what began until ${minute(glass.until)}`;
  return end(undisturbed(change), glass, 'lapsed', why, at);
}

/** What the plans and their ticket came to may put an end to it; and the last apply does. */
export function followGlass(decision: Decision, at: string): Decision {
  const { breakGlass: glass, projects, ticket } = decision.change;
  if (glass === undefined || glass.status === 'over') return decision;
  if (glass.status === 'confirmed' && glass.usedAt !== undefined && isDone(glass, projects))
    return end(decision, glass, 'used', 'all it was for is applied', at);
  const why =
    ticket.status !== 'open'
      ? 'its ticket is not open any more'
      : decision.change.revision?.number !== glass.revision
        ? 'new commits took its place'
        : ticket.review.status === 'rejected'
          ? `${ticket.key} was rejected`
          : projects.some(({ key, status }) => status === 'cancelled' && glass.projects.includes(key))
            ? 'it was cancelled'
            : everyPlanned(decision.change) && currentTupleHash(decision.change) !== glass.tupleHash
              ? 'the plan is another one'
              : undefined;
  return why === undefined ? decision : end(decision, glass, 'withdrawn', why, at);
}

function isDone({ projects: keys }: BreakGlass, projects: readonly Project[]): boolean {
  return keys.every((key) => {
    const status = projects.find((project) => project.key === key)?.status;
    return status !== undefined && APPLIED.has(status);
  });
}

const APPLIED: ReadonlySet<Project['status']> = new Set([
  'applied',
  'released',
  'applied-unmerged',
  'merged',
]);

function end(
  decision: Decision,
  glass: Exclude<BreakGlass, { status: 'over' }>,
  as: 'used' | 'lapsed' | 'withdrawn',
  why: string,
  at: string,
): Decision {
  const over = withChange(decision, { breakGlass: { ...glass, status: 'over', as, why, overAt: at } });
  const entered = withEntry(over, 'break-glass-over', { noteId: glass.noteId, as, why });
  return withEffects(entered, { type: 'tell-break-glass' });
}

/**
 * An attempt is claimed under broken glass: from now on there is a debt, and nobody is in front of the approver any more
 * until what was applied is.
 */
export function useGlass(decision: Decision, at: string): Decision {
  const { change } = decision;
  const { breakGlass: glass, debts = [], projects, revision, ticket } = change;
  if (glass?.status !== 'confirmed' || ticket.status !== 'open' || revision === undefined) return decision;
  if (glass.usedAt !== undefined) return decision;
  const { key, number, review, url } = ticket;
  const round = review.round + 1;
  const used = { ...glass, usedAt: at };
  const debt: Debt = {
    status: 'owed',
    ticket: { number, key, url },
    glass: used,
    tupleHash: glass.tupleHash,
    projects: glass.projects,
    usedAt: at,
    due: glass.due,
    review: { status: 'waiting', round },
    revision,
    plans: projects.filter((project) => glass.projects.includes(project.key)),
    rejections: [],
  };
  const withdrawn = setReview(voidApproval(decision, 'it is applied under broken glass'), {
    status: 'withdrawn',
    round,
    why: 'it is applied under broken glass, and approved afterwards',
  });
  const owing = withChange(withdrawn, { breakGlass: used, debts: [...debts, debt] });
  const entered = withEntry(owing, 'break-glass-used', {
    noteId: glass.noteId,
    key,
    due: glass.due,
    reason: glass.reason,
    by: glass.by.person,
    confirmedBy: glass.confirmedBy.person,
    projects: glass.projects,
    tupleHash: glass.tupleHash,
  });
  return withEffects(entered, { type: 'tell-break-glass' });
}
