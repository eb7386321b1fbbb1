import { plannedProjects } from '#domain/approved-tuple.ts';
import type { Change, Verdict } from '#domain/change.ts';
import { type ApprovalStep, type Demand, demandOfAll } from '#domain/demand.ts';
import { approvalExpiresAt } from '#domain/expiry.ts';
import type { Person } from '#domain/gates/evidence.ts';
import { fillSteps } from '#domain/gates/fill-steps.ts';
import { adjustersOf } from '#domain/gates/parts.ts';
import { byEmail, deciderOf } from '#domain/gates/people.ts';
import { plural } from './counts.ts';

/** How an approval of a change stands: what is asked for, what is there, and who is waited for. */
export interface Approvals {
  demand: Demand;
  /** How many people are asked for altogether. */
  asked: number;
  given: readonly { name: string; at: string; step: string }[];
  wanted: readonly Wanted[];
  /** When the approvals that are there have to be given again, RFC 3339; absent while there is none. */
  expiresAt?: string;
}

/** Places of one step that nobody has taken yet. */
export interface Wanted {
  step: ApprovalStep;
  left: number;
  /** Those of the directory who could, none of whom took part in the change otherwise; empty where nobody is known. */
  people: readonly Person[];
}

/** What all plans of the change demand together. */
export function demandOf(change: Change): Demand {
  return demandOfAll(plannedProjects(change).map(({ plan }) => plan.demand));
}

/**
 * Whom the change waits for. The gates decide which approvals count; here they are told as they were heard, so that
 * everybody can see who is next.
 */
export function approvalsOf(change: Change, people: readonly Person[]): Approvals {
  const demand = demandOf(change);
  const verdicts = verdictsOf(change);
  const candidates = verdicts.map(({ decider, account, moveId }) => ({
    person: decider?.person ?? account,
    moveId,
    groups: decider?.groups ?? [],
  }));
  const { filled, missing } = fillSteps(demand.approvals, demand.inOrder === true, candidates);
  const given = filled.flatMap(({ moveId, step }) => {
    const verdict = verdicts.find((each) => each.moveId === moveId);
    return verdict === undefined ? [] : [{ name: nameOf(verdict), at: verdict.heardAt, step }];
  });
  const taken = new Set(filled.map(({ person }) => person));
  // Whoever comes later in an order is not waited for yet.
  const next = demand.inOrder === true ? missing.slice(0, 1) : missing;
  const free = people.filter(
    (person) =>
      deciderOf(person).roles.includes('approver') &&
      person.awayUntil === undefined &&
      !taken.has(person.id) &&
      !tookPart(change, people, person),
  );
  const expiresAt = approvalExpiresAt(change);
  return {
    demand,
    asked: demand.approvals.reduce((sum, { count }) => sum + count, 0),
    given,
    wanted: missing.map(({ left, step }) => ({
      step,
      left,
      people: next.some((each) => each.step === step) ? free.filter((person) => isOf(person, step)) : [],
    })),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

/** "2 of `network` or `security`": how many, of whom. `group` writes a group's name, which is text of others. */
export function placesInWords({ from }: ApprovalStep, n: number, group: (name: string) => string): string {
  if (from.length === 0) return n === 1 ? 'an approver' : `${n} approvers`;
  return `${n} of ${from.map((name) => group(name)).join(' or ')}`;
}

/** "Ann, Bob or Cleo", "Ann, Bob, Cleo, Dan and 3 others". */
export function namesInWords(names: readonly string[], joint: 'and' | 'or' = 'or', most = 4): string {
  if (names.length <= most) {
    const last = names.at(-1) ?? '';
    return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} ${joint} ${last}`;
  }
  const left = names.length - most;
  return `${names.slice(0, most).join(', ')} ${joint} ${left === 1 ? '1 other' : `${left} others`}`;
}

/** "24 hours", "3 days". */
export function periodInWords(seconds: number): string {
  if (seconds >= 172_800 && seconds % 86_400 === 0) return plural(seconds / 86_400, 'day');
  if (seconds >= 3_600) return plural(Math.round(seconds / 3_600), 'hour');
  return plural(Math.max(1, Math.round(seconds / 60)), 'minute');
}

/** Approvals that were heard in this review, oldest first. */
function verdictsOf({ ticket }: Change): readonly Verdict[] {
  if (ticket.status !== 'open') return [];
  const { review } = ticket;
  if (review.status === 'in-review') return review.given;
  return review.status === 'approved' ? [...review.given, review.verdict] : [];
}

function nameOf({ account, decider }: Verdict): string {
  return decider?.name ?? account;
}

function isOf(person: Person, { from }: ApprovalStep): boolean {
  const { groups } = deciderOf(person);
  return from.length === 0 || from.some((group) => groups.includes(group));
}

/** Asked for it, wrote, committed, pushed or adjusted it: whoever did cannot approve it, so nobody waits for them. */
function tookPart(change: Change, people: readonly Person[], person: Person): boolean {
  const { author, revision } = change;
  const wrote = [...(revision?.commitAuthors ?? []), ...(revision?.committers ?? [])];
  return (
    [author.id, ...(revision?.pushers ?? []), ...adjustersOf(change)].some((id) =>
      person.gitlabIds.includes(id),
    ) || wrote.some((email) => byEmail(people, email)?.id === person.id)
  );
}
