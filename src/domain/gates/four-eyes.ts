import { decisionsIn } from '../desk.ts';
import { ALWAYS_EXCLUDED, type Exclusion } from '../demand.ts';
import { ASKED_AGAIN, no, noForGood, unknown, unseen, yes } from './answer.ts';
import { type Commander, judgeCommander, OTHER_OPERATOR } from './commander.ts';
import { demandedOf } from './demanded.ts';
import type { ChangeEvidence, GateResult, GateSubject } from './evidence.ts';
import { type Participant, participantsOf, partsInWords, verdictsOf } from './parts.ts';
import { missingAccount, missingEntry } from './people.ts';

const GATE = 'four-eyes';

/** Two who took the parts of an exclusion, and whether they are one person. */
interface Pair {
  one: Participant;
  other: Participant;
  verdict: 'same person' | 'different people' | 'unknown';
}

/**
 * Did nobody decide on, or command, what is their own? Each two parts that one person may not both have are compared
 * person by person, whichever of their accounts they used; whoever approves in another's stead is both. An approval by
 * one of the authors drops, and those of others stand. Who cannot be told apart makes it unknown. Every pair is in the
 * evidence, also when all is well.
 */
export function fourEyes(subject: GateSubject, change: ChangeEvidence): GateResult {
  if (subject.change.revision === undefined)
    return unseen(GATE, 'the commits are not known', 'no revision was read');
  const participants = participantsOf(subject, change);
  const exclusions = exclusionsOf(subject, change);
  const pairs = exclusions.flatMap((exclusion) => pairsOf(exclusion, participants));
  const commander = judgeCommander(subject, change);
  const { author, openedForAuthor } = subject.change;
  const evidence = {
    ...toEvidence(participants, pairs),
    ...commander.evidence,
    ...(openedForAuthor === true ? { onBehalfOf: author.id } : {}),
  };
  const approvers = participants.filter(({ part }) => part === 'approver');
  if (approvers.length === 0 && subject.approval?.kind !== 'break-glass')
    return no(GATE, 'the approval is not complete yet', 'somebody other than the authors approves', evidence);
  return (
    refusedApprovals(pairs, approvers, evidence) ??
    refusedOthers(subject, pairs, evidence) ??
    refusedCommander(commander, evidence) ??
    notTold(subject, change, pairs, evidence) ??
    notRead(change, exclusions, evidence) ??
    yes(GATE, apartInWords(approvers), evidence)
  );
}

function apartInWords(approvers: readonly Participant[]): string {
  return approvers.length === 0
    ? 'nobody took two parts that one person may not both have'
    : `${approvers.map(({ name }) => name).join(', ')} approved and took no other part in the change`;
}

function exclusionsOf(subject: GateSubject, { settings }: ChangeEvidence): Exclusion[] {
  const all = [...ALWAYS_EXCLUDED, ...settings.exclusions, ...demandedOf(subject).exclusions];
  return [...new Map(all.map((each) => [each.toSorted().join(), each])).values()];
}

function pairsOf([a, b]: Exclusion, participants: readonly Participant[]): Pair[] {
  const having = (part: Exclusion[0]) => participants.filter((each) => each.part === part);
  return having(a).flatMap((one) => having(b).map((other) => ({ one, other, verdict: compare(one, other) })));
}

function compare(one: Participant, other: Participant): Pair['verdict'] {
  if (one.key === other.key || one.people.some((id) => other.people.includes(id))) return 'same person';
  return one.people.length === 0 || other.people.length === 0 ? 'unknown' : 'different people';
}

/** Ids alone: this goes into the log. */
function toEvidence(participants: readonly Participant[], pairs: readonly Pair[]): GateResult['evidence'] {
  return {
    participants: participants.map(toParticipant),
    pairs: pairs.map(({ one, other, verdict }) => ({
      parts: [one.part, other.part],
      keys: [one.key, other.key],
      people: [one.people, other.people],
      verdict,
    })),
  };
}

function toParticipant({ adjusted, part, key, people, insteadOf }: Participant) {
  return {
    part,
    key,
    people,
    ...(adjusted === undefined ? {} : { adjusted }),
    ...(insteadOf === undefined ? {} : { insteadOf }),
  };
}

/** Approvals of their own change drop; where others are left, those stand and the ticket asks on. */
function refusedApprovals(
  pairs: readonly Pair[],
  approvers: readonly Participant[],
  evidence: GateResult['evidence'],
): GateResult | undefined {
  const refused = approvers.flatMap((approver) => {
    const own = pairs
      .filter(({ verdict }) => verdict === 'same person')
      .flatMap(({ one, other }) => (one === approver ? [other] : other === approver ? [one] : []));
    return own.length === 0 ? [] : [{ approver, own }];
  });
  if (refused.length === 0) return undefined;
  const why = refused.map(({ approver, own }) => ownInWords(approver, own)).join('; ');
  const remedy = 'somebody who is neither author, committer nor pusher approves';
  const dropped = new Set(refused.map(({ approver }) => approver));
  const counted = approvers.flatMap((each) => (dropped.has(each) ? [] : (each.moveId ?? [])));
  return counted.length === 0
    ? noForGood(GATE, why, remedy, evidence)
    : { ...no(GATE, why, remedy, evidence), asksOn: { counted, why } };
}

function ownInWords(approver: Participant, own: readonly Participant[]): string {
  const parts = partsInWords(own);
  const [person = ''] = approver.people;
  const theirs = own.every(({ people }) => !people.includes(person));
  return approver.insteadOf !== undefined && theirs
    ? `${approver.name} approved in the stead of ${approver.insteadOf.join(', ')}, who ${parts}`
    : `${approver.name} approved a change of their own: they ${parts}`;
}

/** What no other approval can mend. */
function refusedOthers(
  { command }: GateSubject,
  pairs: readonly Pair[],
  evidence: GateResult['evidence'],
): GateResult | undefined {
  const same = pairs.filter(({ verdict }) => verdict === 'same person');
  const [first] = same;
  if (first === undefined) return undefined;
  const byOperator = same.filter(({ one, other }) => one.part === 'operator' || other.part === 'operator');
  if (byOperator.length === same.length && command !== undefined) {
    const { username } = command.by;
    const parts = byOperator.map(({ one, other }) => (one.part === 'operator' ? other : one));
    const asked = parts.every(({ part }) => part === 'requester');
    const why = asked
      ? `${username} asked for this change and cannot command its apply`
      : `${username} took part in this change and cannot command its apply: they ${partsInWords(parts)}`;
    return no(GATE, why, OTHER_OPERATOR, evidence);
  }
  const why = same.map(
    ({ one, other }) => `${one.name} is ${one.part} and ${other.part} of this change, which nobody may be`,
  );
  return no(GATE, [...new Set(why)].join('; '), 'somebody else takes one of the parts', evidence);
}

function refusedCommander({ refused }: Commander, evidence: GateResult['evidence']): GateResult | undefined {
  return refused && { gate: GATE, ...refused, evidence };
}

/** Who cannot be told apart: the directory does not know them, or did not answer. */
function notTold(
  { approval }: GateSubject,
  { ticket, unseenSources }: ChangeEvidence,
  pairs: readonly Pair[],
  evidence: GateResult['evidence'],
): GateResult | undefined {
  const strangers = pairs
    .flatMap(({ one, other, verdict }) => (verdict === 'unknown' ? [one, other] : []))
    .filter(({ people }) => people.length === 0);
  const [hidden] = unseenSources;
  if (strangers.length > 0 && hidden !== undefined)
    return unknown(
      GATE,
      `who has ${keysOf(strangers).join('; or ')} is not known: ${hidden.source}: ${hidden.why}`,
      ASKED_AGAIN,
      evidence,
    );
  const stranger = strangers.find(({ part }) => part === 'approver');
  if (stranger !== undefined) {
    const verdict = verdictsOf(approval).find(({ moveId }) => moveId === stranger.moveId);
    const moves = ticket.seen ? decisionsIn(ticket.value) : [];
    const name = moves.find(({ id }) => id === stranger.moveId)?.name;
    return unknown(GATE, ...missingAccount(verdict?.account ?? stranger.key, name), evidence);
  }
  if (strangers.length > 0) return unknown(GATE, ...missingEntry(keysOf(strangers)), evidence);
  return undefined;
}

/** Who pushed is always asked; who approved the merge request, where that is a part that somebody else may not have. */
function notRead(
  { pushers, reviews }: ChangeEvidence,
  exclusions: readonly Exclusion[],
  evidence: GateResult['evidence'],
): GateResult | undefined {
  if (!pushers.seen)
    return unknown(GATE, `GitLab did not say who pushed: ${pushers.why}`, ASKED_AGAIN, evidence);
  if (!reviews.seen && exclusions.some((parts) => parts.includes('reviewer')))
    return unknown(
      GATE,
      `GitLab did not say who approved the merge request: ${reviews.why}`,
      ASKED_AGAIN,
      evidence,
    );
  return undefined;
}

function keysOf(participants: readonly Participant[]): string[] {
  return [...new Set(participants.map(({ key }) => key))];
}
