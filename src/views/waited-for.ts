import { plannedProjects } from '#domain/approved-tuple.ts';
import { approvalsSoFar } from '#domain/approval.ts';
import type { Change } from '#domain/change.ts';
import { type ApprovalStep, demandOfAll } from '#domain/demand.ts';
import { fillSteps } from '#domain/gates/fill-steps.ts';

/** Whose approval the change waits for: "1 of network, then 1 of security"; nothing where any approver will do. */
export function waitedFor(change: Change): string | undefined {
  const demand = demandOfAll(plannedProjects(change).map(({ plan }) => plan.demand));
  const given = approvalsSoFar(change).map(({ account, decider, moveId }) => ({
    person: decider?.person ?? account,
    groups: decider?.groups ?? [],
    insteadOf: decider?.insteadOf ?? [],
    moveId,
  }));
  const { missing } = fillSteps(demand.approvals, demand.inOrder === true, given);
  const isUsual = missing.length === 1 && missing.every(({ left, step }) => left === 1 && isAnybody(step));
  if (missing.length === 0 || isUsual) return undefined;
  return missing
    .map(({ left, step }) => placesOf(step, left))
    .join(demand.inOrder === true ? ', then ' : ' and ');
}

/** "1 of network or security", "2 of the approvers". */
export function placesOf(step: ApprovalStep, count = step.count): string {
  return `${count} of ${isAnybody(step) ? 'the approvers' : step.from.join(' or ')}`;
}

const isAnybody = ({ from }: ApprovalStep): boolean => from.length === 0;
