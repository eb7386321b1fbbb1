import { plannedProjects } from './approved-tuple.ts';
import type { Change } from './change.ts';
import { demandOfAll } from './demand.ts';
import type { Project } from './project.ts';

/**
 * When the approvals of the review that is open end (RFC 3339), the oldest first: their validity counts from when we heard
 * of them. `undefined` when nobody has approved, or nothing is left that they would be needed for.
 */
export function approvalExpiresAt(change: Change): string | undefined {
  const { ticket } = change;
  if (ticket.status !== 'open' || !('given' in ticket.review)) return undefined;
  const { review } = ticket;
  const oldest = review.given[0] ?? (review.status === 'approved' ? review.verdict : undefined);
  const planned = plannedProjects(change);
  if (oldest === undefined || !planned.some(isLeft)) return undefined;
  const { approvalValidSeconds } = demandOfAll(planned.map(({ plan }) => plan.demand));
  return new Date(Date.parse(oldest.heardAt) + approvalValidSeconds * 1000).toISOString();
}

/** Its apply has not begun and may still do so under the approval. */
function isLeft({ status }: Project): boolean {
  return LEFT.has(status);
}

const LEFT: ReadonlySet<Project['status']> = new Set([
  'awaiting-approval',
  'gating',
  'blocked',
  'ready',
  'applying',
]);
