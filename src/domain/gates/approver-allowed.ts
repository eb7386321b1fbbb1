import { approvalsSoFar } from '../approval.ts';
import { decisionsIn } from '../desk.ts';
import { plannedProjects } from '../approved-tuple.ts';
import type { Decider, Verdict } from '../change.ts';
import { type ApprovalStep, type Demand, demandOfAll } from '../demand.ts';
import { moverOf } from '../verdict.ts';
import { ASKED_AGAIN, no, unknown, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject, Person, StandIn } from './evidence.ts';
import { type Candidate, fillSteps, type Filling } from './fill-steps.ts';
import { byAccount, deciderOf, missingAccount } from './people.ts';
import { approverInAdvance } from './standing-approval.ts';
import { minute } from '../minute.ts';

const GATE = 'approver-allowed';
const OTHER_APPROVER = 'somebody with the role approver decides on the ticket';

/** What one approval is found to be. */
type Found =
  | {
      kind: 'allowed';
      verdict: Verdict;
      now: Decider;
      groups: readonly string[];
      standsInFor: readonly StandIn[];
    }
  | { kind: 'refused'; verdict: Verdict; why: string; remedy: string; as: Refusing };

/** Whether a later look can find another answer; `stranger`: not known, and for this decision never will be. */
type Refusing = 'for-good' | 'stranger' | 'for-now';

/**
 * Did as many people approve as the tier demands, each of them living, in the directory, with the role approver and in the
 * group that was asked, at the moment of the decision and now? An approval that does not count leaves the others standing,
 * and the ticket asks on.
 */
export function approverAllowed(subject: GateSubject, change: ChangeEvidence): GateResult {
  const { approval } = subject;
  if (approval?.kind === 'standing') return approverInAdvance(subject, change);
  const demand = demandOfAll(plannedProjects(subject.change).map(({ plan }) => plan.demand));
  if (approval?.kind !== 'decided') return notDecided(subject, demand);
  if (!change.ticket.seen) return unseen(GATE, 'the ticket could not be read', change.ticket.why);
  const found = [...approval.given, approval.verdict].map((verdict) => judgeApproval(verdict, change));
  const allowed = found.filter((each) => each.kind === 'allowed');
  const refused = found.filter((each) => each.kind === 'refused');
  const filling = fillSteps(demand.approvals, demand.inOrder === true, allowed.map(toCandidate));
  const evidence = {
    tier: demand.tier,
    demanded: demand.approvals,
    inOrder: demand.inOrder === true,
    approvals: found.map(toEvidence),
    filled: filling.filled,
  };
  const uncertain = refused.find(({ as }) => as === 'for-now');
  if (filling.missing.length > 0 && uncertain !== undefined)
    return unknown(GATE, uncertain.why, uncertain.remedy, evidence);
  const [hidden] = change.unseenSources;
  if (filling.missing.length > 0 && hidden !== undefined)
    return unseen(GATE, `who may approve is not known, ${hidden.source} did not answer`, hidden.why);
  if (filling.missing.length === 0) {
    const names = filling.filled.map(
      ({ person }) => `${nameIn(allowed, person)}${inSteadOf(allowed, person, change.people)}`,
    );
    return yes(GATE, allowedInWords(names, demand.tier), evidence);
  }
  return asksOn(demand, filling, refused, allowed, evidence);
}

/** Nobody decided since the ticket asked last: whose approvals stand, and who is asked. Whether they count is judged with the last one. */
function notDecided({ change }: GateSubject, { approvals, inOrder, tier }: Demand): GateResult {
  const candidates = approvalsSoFar(change).map(({ account, decider, moveId }) => ({
    person: decider?.person ?? account,
    moveId,
    groups: decider?.groups ?? [],
  }));
  const { filled, missing } = fillSteps(approvals, inOrder === true, candidates);
  const all = approvals.reduce((sum, { count }) => sum + count, 0);
  const evidence = { tier, demanded: approvals, inOrder: inOrder === true, filled };
  const reason =
    filled.length === 0 ? 'nobody has approved yet' : `${filled.length} of ${all} approvals given`;
  return no(GATE, reason, whoDecides(inOrder === true ? missing.slice(0, 1) : missing), evidence);
}

type Allowed = Extract<Found, { kind: 'allowed' }>;
type Refused = Extract<Found, { kind: 'refused' }>;

/** What is missing, and whether what is there stands. */
function asksOn(
  demand: Demand,
  filling: Filling,
  refused: readonly Refused[],
  allowed: readonly Allowed[],
  evidence: GateResult['evidence'],
): GateResult {
  const counted = filling.filled.map(({ moveId }) => moveId);
  const faults = [
    ...refused.map(({ why }) => why),
    ...filling.unused.map(({ person }) =>
      filling.filled.some((each) => each.person === person)
        ? `${nameIn(allowed, person)} has approved already`
        : `${nameIn(allowed, person)} is not of those who are asked${demand.inOrder === true ? ' now' : ''}`,
    ),
  ];
  const wanted = `${filling.missing.map(inWords).join(' and ')} still ${isOne(filling.missing) ? 'has' : 'have'} to approve`;
  const why = [...faults, wanted].join('; ');
  const remedy = refused[0]?.remedy ?? whoDecides(filling.missing);
  if (counted.length === 0) {
    const answer = refused.length > 0 && refused.every(({ as }) => as === 'stranger') ? unknown : no;
    return { ...answer(GATE, faults.join('; '), remedy, evidence), voidsVerdict: true };
  }
  const given = `${counted.length} of ${counted.length + filling.missing.reduce((sum, { left }) => sum + left, 0)} approvals given`;
  return { ...no(GATE, `${given}: ${why}`, remedy, evidence), asksOn: { counted, why } };
}

function whoDecides(missing: Filling['missing']): string {
  return `${missing.map(inWords).join(' and ')} ${isOne(missing) ? 'decides' : 'decide'} on the ticket`;
}

function isOne(missing: Filling['missing']): boolean {
  return missing.length === 1 && missing[0]?.left === 1;
}

/** Who is asked, in words: "one of security", "2 people with the role approver". */
function inWords({ step: { from }, left }: { step: ApprovalStep; left: number }): string {
  const who = from.length === 0 ? 'with the role approver' : `of ${from.join(' or ')}`;
  return left === 1 ? `somebody ${who}` : `${left} people ${who}`;
}

function allowedInWords(names: readonly string[], tier: string): string {
  if (names.length === 1) return `${names.join()} has the role approver`;
  return `${names.join(', ')} may approve, as many as tier ${tier} asks for`;
}

function nameIn(allowed: readonly Allowed[], person: string): string {
  return allowed.find(({ now }) => now.person === person)?.now.name ?? person;
}

/** Whose approvals they are and until when they are in their hands, as a part of a sentence about them. */
function inSteadOf(allowed: readonly Allowed[], person: string, people: readonly Person[]): string {
  const { standsInFor = [] } = allowed.find(({ now }) => now.person === person) ?? {};
  const whose = standsInFor.map((each) => {
    const name = people.find(({ id }) => id === each.person)?.name ?? each.person;
    return `${name} (until ${minute(each.until)})`;
  });
  return whose.length === 0 ? '' : `, in the stead of ${whose.join(' and ')},`;
}

function toCandidate({ groups, now, verdict }: Allowed): Candidate {
  return { person: now.person, insteadOf: now.insteadOf, moveId: verdict.moveId, groups };
}

function toEvidence(found: Found) {
  const { account, decidedAt, decider, moveId } = found.verdict;
  const common = {
    account,
    move: moveId,
    decidedAt,
    heardAt: found.verdict.heardAt,
    atTheDecision: decider ?? null,
  };
  if (found.kind === 'refused') return { ...common, refused: found.why };
  const { now, standsInFor } = found;
  return { ...common, now, ...(standsInFor.length === 0 ? {} : { standsInFor }) };
}

function judgeApproval(verdict: Verdict, change: ChangeEvidence): Found {
  const { account, decider, moveId } = verdict;
  const refuse = (why: string, remedy: string, as: Refusing = 'for-good'): Found => ({
    kind: 'refused',
    verdict,
    why,
    remedy,
    as,
  });
  if (account === change.ticketBot) return refuse('our own account cannot approve', OTHER_APPROVER);
  const moves = change.ticket.seen ? decisionsIn(change.ticket.value) : [];
  const move = moves.find((each) => each.id === moveId);
  if (move === undefined)
    return refuse(
      `the ticket's changelog does not hold the approval (move ${moveId})`,
      ASKED_AGAIN,
      'for-now',
    );
  if (move.account !== account)
    return refuse(
      `the ticket's history was altered: move ${moveId} was by ${account}, and now it says ${moverOf(move)}`,
      OTHER_APPROVER,
    );
  if (move.accountKind !== 'person')
    return refuse(`${moverOf(move)} is not a person's account`, OTHER_APPROVER);
  if (!move.active) return refuse(`${moverOf(move)} is deactivated`, OTHER_APPROVER);
  const person = byAccount(change.people, account);
  const [unseenNow] = change.unseenSources;
  if (person === undefined) {
    // Unknown, and no entry added later makes it certain who they were then: the ticket asks again.
    const [why, remedy] = missingAccount(account, move.name);
    return unseenNow === undefined
      ? refuse(why, remedy, 'stranger')
      : refuse(
          `who ${moverOf(move)} is is not known: ${unseenNow.source}: ${unseenNow.why}`,
          ASKED_AGAIN,
          'for-now',
        );
  }
  const now = deciderOf(person, change.unseenSources);
  const { standsInFor = [] } = person;
  if (!now.roles.includes('approver')) {
    return unseenNow === undefined
      ? refuse(`${now.name} does not have the role approver`, OTHER_APPROVER)
      : refuse(
          `whether ${now.name} has the role approver is not known: ${unseenNow.source}: ${unseenNow.why}`,
          ASKED_AGAIN,
          'for-now',
        );
  }
  if (decider !== undefined && sawTooLittle(decider, now)) {
    // What nobody could see then is taken from the first look that could.
    if (unseenNow === undefined) return { kind: 'allowed', verdict, now, groups: now.groups, standsInFor };
    // Whatever is silent takes nothing from what both looks saw.
    if (!wasApprover(decider, now))
      return refuse(
        `whether ${now.name} had the role approver when they approved is not known: ${unseenNow.source}: ${unseenNow.why}`,
        ASKED_AGAIN,
        'for-now',
      );
  }
  if (decider === undefined || decider.person !== now.person)
    return refuse(
      `nobody of the directory was known to have the account ${moverOf(move)} when it approved`,
      OTHER_APPROVER,
    );
  if (!decider.roles.includes('approver'))
    return refuse(`${now.name} did not have the role approver when they approved`, OTHER_APPROVER);
  // A group counts that they were in then and still are.
  return {
    kind: 'allowed',
    verdict,
    now,
    groups: now.groups.filter((group) => decider.groups.includes(group)),
    standsInFor,
  };
}

function wasApprover({ person, roles }: Decider, now: Decider): boolean {
  return person === now.person && roles.includes('approver');
}

/** A part of the directory did not answer then that may have known them, or their role or groups. */
function sawTooLittle({ person, unseen }: Decider, now: Decider): boolean {
  return unseen.length > 0 && (person === '' || person === now.person);
}
