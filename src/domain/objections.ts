import { approvalNamed } from './approval.ts';
import { currentTupleHash, plannedProjects } from './approved-tuple.ts';
import { canonicalHash } from './canonical-hash.ts';
import type { Change, Rejection, Verdict } from './change.ts';
import { type Decision, withChange } from './decision.ts';
import type { GateVerdict } from './fact.ts';
import type { GateName } from './gates/evidence.ts';

/*
 * That somebody said no outlives the review they said it in: whoever may take the ticket out of review, plan again or push
 * must not get around it that way. It ends when somebody's approval counted.
 */

/** Somebody has to be asked from now on, whatever may be approved in advance. */
export function disputed(decision: Decision): Decision {
  return withChange(decision, { disputed: true });
}

/** An approver rejected what was in front of them. */
export function withRejection(
  decision: Decision,
  key: string,
  { account, tupleHash }: Pick<Verdict, 'account' | 'tupleHash'>,
): Decision {
  const { change } = decision;
  const plans = currentTupleHash(change) === tupleHash ? { plansHash: plansHashOf(change) } : {};
  const rejection: Rejection = { tupleHash, ...plans, key, account };
  const others = (change.rejected ?? []).filter((each) => each.tupleHash !== tupleHash);
  return withChange(disputed(decision), { rejected: [...others, rejection] });
}

/** Who rejected the plans as they stand, the same plans of other commits too, where nobody's approval of them counted since. */
export function rejectionOf(change: Change): Rejection | undefined {
  return change.rejected?.findLast(isAbout(change));
}

/** The gates found that the approval on the ticket counts, whatever else they wait for. */
export function settleObjections(decision: Decision, verdicts: readonly GateVerdict[]): Decision {
  const { change } = decision;
  if (change.disputed === undefined && change.rejected === undefined) return decision;
  if (!verdicts.some((verdict) => isCounting(change, verdict))) return decision;
  const { disputed: _, rejected: __, ...settled } = change;
  const isAboutThese = isAbout(change);
  const rejected = (change.rejected ?? []).filter((each) => !isAboutThese(each));
  return { ...decision, change: { ...settled, ...(rejected.length === 0 ? {} : { rejected }) } };
}

function isAbout(change: Change): (rejection: Rejection) => boolean {
  const tupleHash = currentTupleHash(change);
  const plansHash = plansHashOf(change);
  return (rejection) => rejection.tupleHash === tupleHash || rejection.plansHash === plansHash;
}

/** A person's approval, and every gate that judges those says yes. */
function isCounting(change: Change, { approval, project, reasons }: GateVerdict): boolean {
  if (approval?.kind !== 'decided' || approvalNamed(change, approval, project) === undefined) return false;
  return !reasons.some(({ gate }) => JUDGING.has(gate));
}

const JUDGING: ReadonlySet<string> = new Set([
  'ticket-approved',
  'approver-allowed',
  'four-eyes',
] satisfies GateName[]);

function plansHashOf(change: Change): string {
  const digests = plannedProjects(change).map(({ key, plan }) => [key, plan.digest] as const);
  return canonicalHash(Object.fromEntries(digests));
}
