import { canonicalHash } from '#domain/canonical-hash.ts';
import type { Change, OwedDebt, Review, Verdict } from '#domain/change.ts';
import { asOwed } from '#domain/debts.ts';
import type { DebtJudgement } from '#domain/fact.ts';
import { Fault } from '#domain/fault.ts';
import { approverAllowed } from '#domain/gates/approver-allowed.ts';
import { moreWanted, verdictRefused } from '#domain/gates/evaluate-gates.ts';
import type { GateResult, GateSubject, Person } from '#domain/gates/evidence.ts';
import { fourEyes } from '#domain/gates/four-eyes.ts';
import { type Planned } from '#domain/gates/may-be-asked.ts';
import { byAccount, deciderOf } from '#domain/gates/people.ts';
import { ticketApproved } from '#domain/gates/ticket-approved.ts';
import type { Recording } from '#app/ledger.ts';
import { readLive } from './configured-project.ts';
import type { WorkerContext } from './context.ts';
import { changeEvidence } from './evidence-of-change.ts';
import { whoIsWho } from './who-is-who.ts';

type Attachment = NonNullable<Recording['attachment']>;

/**
 * Whether the approvals given afterwards count: the gates about the approval are asked as they are beforehand, of the
 * change as it was applied; and nobody who broke the glass approves that they did.
 */
export async function judgePayment(
  context: WorkerContext,
  change: Change,
  debt: OwedDebt,
  verdicts: readonly Verdict[],
): Promise<{ said: DebtJudgement; attachment: Attachment }> {
  const last = verdicts.at(-1);
  const planned = debt.plans.filter((project): project is Planned => 'plan' in project);
  const [first] = planned;
  if (last === undefined || first === undefined || debt.review.status !== 'in-review')
    throw new Error(`debt ${debt.ticket.key} has nothing to judge`);
  const { tupleHash } = debt;
  const given = verdicts.slice(0, -1);
  const { moveId, round } = debt.review;
  const review: Review = {
    status: 'approved',
    round,
    tupleHash,
    moveId,
    verdict: last,
    given,
    since: last.heardAt,
  };
  const owed = asOwed(change, debt, review);
  const at = await context.ledger.now();
  const [live, who] = await Promise.all([readLive(context, owed), whoIsWho(context, { fresh: true })]);
  const evidence = await changeEvidence(context, owed, live, { at, who });
  const subject: GateSubject = {
    change: owed,
    project: first,
    plan: first.plan,
    approval: { kind: 'decided', tupleHash, verdict: last, given },
    tupleHash,
    command: undefined,
  };
  const results = [
    ticketApproved(subject, evidence),
    approverAllowed(subject, evidence),
    fourEyes(subject, evidence),
  ];
  const evaluationId = `${change.id}.debt-${debt.ticket.key}-${round}-${last.moveId}`;
  const go = results.every(({ answer }) => answer === 'yes');
  return {
    said: judgementOf(results, verdicts, ownHand(debt, verdicts, evidence.people)),
    attachment: {
      gateResults: planned.map(({ key }) => ({
        project: key,
        evaluationId,
        purpose: 'debt',
        go,
        results,
      })),
    },
  };
}

/** What broke the glass is approved by somebody else, and not in their stead. */
function ownHand(
  { glass }: OwedDebt,
  verdicts: readonly Verdict[],
  people: readonly Person[],
): string | undefined {
  const own = [glass.by.person, glass.confirmedBy.person];
  const found = verdicts
    .map(({ account }) => byAccount(people, account))
    .find((person) => person !== undefined && isOneOf(person, own));
  if (found === undefined) return undefined;
  const who = own.includes(found.id) ? found.name : `${found.name} stands in for somebody who`;
  return `${who} broke the glass, and what was applied is approved by somebody else`;
}

function isOneOf(person: Person, ids: readonly (string | undefined)[]): boolean {
  return [person.id, ...deciderOf(person).insteadOf].some((id) => ids.includes(id));
}

function judgementOf(
  results: readonly GateResult[],
  verdicts: readonly Verdict[],
  own: string | undefined,
): DebtJudgement {
  const refused = own ?? verdictRefused(results);
  if (refused !== undefined) return { kind: 'not-counting', why: refused };
  const more = moreWanted(results);
  if (more !== undefined) {
    const given = verdicts.filter(({ moveId }) => more.counted.includes(moveId));
    const dropped = verdicts.flatMap(({ moveId }) => (more.counted.includes(moveId) ? [] : [moveId]));
    return { kind: 'more-wanted', given, dropped, why: more.why };
  }
  const closed = results.find(({ answer }) => answer !== 'yes');
  if (closed === undefined) return { kind: 'approved', verdicts, evidenceDigest: canonicalHash(results) };
  if (closed.answer === 'no') return { kind: 'not-counting', why: closed.reason };
  throw new Fault('not-seen', `${closed.gate}: ${closed.reason}`, { retryable: true });
}
