import { type Approval, approvalNamed } from './approval.ts';
import { currentTuple } from './approved-tuple.ts';
import type { Change } from './change.ts';
import type { Fact, FactOf } from './fact.ts';
import { type Tuple, type TupleElement, tupleElement } from './plan-ref.ts';

/** What a fact's audit entry says beside the fact itself, so that whoever has only the log can judge again. */
export interface Particulars {
  /** What goes in front of the approver because of this fact, element by element. */
  presenting?: { key: string; round: number; tupleHash: string; tuple: Tuple };
  /** On what an attempt was claimed, or started: its approval, if that is in force, and its project's part of what runs. */
  standing?: { approval: Approval | null; element: TupleElement | null };
}

/** Taken from the change as the core left it, in the transaction that records the fact. */
export function particularsOf(fact: Fact, before: Change, after: Change): Particulars {
  const presenting = newlyPresented(before, after);
  return {
    ...(presenting === undefined ? {} : { presenting }),
    ...(fact.type === 'attempt-claimed' || fact.type === 'attempt-started'
      ? { standing: standingOf(fact, after) }
      : {}),
  };
}

function newlyPresented(before: Change, after: Change): Particulars['presenting'] {
  if (after.ticket === before.ticket || after.ticket.status !== 'open') return undefined;
  const { key, review } = after.ticket;
  const tuple = currentTuple(after);
  const known =
    before.ticket.status === 'open' && before.ticket.key === key ? before.ticket.review : undefined;
  if (review.status !== 'presenting' || tuple === undefined || known?.round === review.round)
    return undefined;
  return { key, round: review.round, tupleHash: review.tupleHash, tuple };
}

function standingOf(
  { project: key }: FactOf<'attempt-claimed' | 'attempt-started'>,
  change: Change,
): NonNullable<Particulars['standing']> {
  const project = change.projects.find((each) => each.key === key);
  const approval = project?.status === 'applying' ? approvalNamed(change, project.approval, key) : undefined;
  const plan = project !== undefined && 'plan' in project ? project.plan : undefined;
  return {
    approval: approval ?? null,
    element: plan === undefined ? null : tupleElement(key, plan),
  };
}
