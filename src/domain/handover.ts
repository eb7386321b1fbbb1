import type { Person, StandIn } from './gates/evidence.ts';

/** One person's approvals in another's hands for a time; times are RFC 3339. */
export interface Delegation {
  from: string;
  to: string;
  /** At once when absent. */
  since?: string;
  until: string;
  /** Only what they approve as members of these; all when absent. */
  groups?: readonly string[];
}

/** Out of office. */
export interface Absence {
  person: string;
  from: string;
  until: string;
}

export interface Handovers {
  delegations: readonly Delegation[];
  away: readonly Absence[];
}

/**
 * The people as they are at this moment with whom they stand in for and until when they are away. Only what somebody may
 * do in their own right can be handed over, and only where it gives the other something: whoever was handed approvals
 * cannot hand them on, and whoever may do the same anyway acts for themselves.
 */
export function withHandovers(people: readonly Person[], handovers: Handovers, at: string): Person[] {
  const known = new Map(people.map((person) => [person.id, person]));
  const now = Date.parse(at);
  const lasting = handovers.delegations.filter(
    ({ since, until }) => (since === undefined || Date.parse(since) <= now) && now < Date.parse(until),
  );
  const away = handovers.away.filter(({ from, until }) => Date.parse(from) <= now && now < Date.parse(until));
  return people.map((person) => {
    const standsInFor = lasting
      .filter(({ to }) => to === person.id)
      .flatMap((each) => standIn(known.get(each.from), person, each));
    const back = away
      .filter((each) => each.person === person.id)
      .map(({ until }) => until)
      .toSorted((a, b) => Date.parse(a) - Date.parse(b))
      .at(-1);
    return {
      ...person,
      ...(standsInFor.length === 0 ? {} : { standsInFor }),
      ...(back === undefined ? {} : { awayUntil: back }),
    };
  });
}

function standIn(from: Person | undefined, to: Person, { groups, until }: Delegation): StandIn[] {
  if (from === undefined || !from.roles.includes('approver')) return [];
  const handed = from.groups.filter((group) => groups === undefined || groups.includes(group));
  const gives = !to.roles.includes('approver') || handed.some((group) => !to.groups.includes(group));
  // Of the groups that were named none is theirs to hand over any more.
  if (groups !== undefined && handed.length === 0) return [];
  return gives ? [{ person: from.id, groups: handed, until }] : [];
}
