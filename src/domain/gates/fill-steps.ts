import type { ApprovalStep } from '../demand.ts';

/** Somebody who approved, and the groups they may do that for. */
export interface Candidate {
  person: string;
  /** Whose approvals are in their hands: together they are asked once. */
  insteadOf?: readonly string[];
  moveId: string;
  groups: readonly string[];
}

export interface Filling {
  /** Which approval fills a place of which step. */
  filled: readonly { step: string; person: string; moveId: string }[];
  /** Steps with places left. */
  missing: readonly { step: ApprovalStep; left: number }[];
  /** Approvals that fill no place: of nobody who was asked, out of turn, or more than were asked for. */
  unused: readonly Candidate[];
}

/**
 * Gives each approval at most one place of the steps, and each person one place in all, whoever stands in for them. In order, an approval counts for
 * the first step with a place left or not at all; in any order, as many places are filled as can be, whichever way the
 * approvals fit.
 *
 * @param candidates in the order in which they approved.
 */
export function fillSteps(
  steps: readonly ApprovalStep[],
  inOrder: boolean,
  candidates: readonly Candidate[],
): Filling {
  const first = oneForEach(candidates);
  const places = steps.flatMap((step) => Array.from({ length: step.count }, () => step));
  const taken = inOrder ? inTurn(places, first) : asManyAsCanBe(places, first);
  const users = new Set(taken.values());
  return {
    filled: [...taken].map(([place, { moveId, person }]) => ({
      step: places[place]?.id ?? '',
      person,
      moveId,
    })),
    missing: steps.flatMap((step) => {
      const left = places.filter((each, place) => each === step && !taken.has(place)).length;
      return left === 0 ? [] : [{ step, left }];
    }),
    unused: candidates.filter((each) => !users.has(each)),
  };
}

/** The first approval of each person; a second one, and one in the place of somebody who approved, is not another. */
function oneForEach(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ person, insteadOf = [] }) => {
    const all = [person, ...insteadOf];
    const isNew = !all.some((each) => seen.has(each));
    if (isNew) for (const each of all) seen.add(each);
    return isNew;
  });
}

type Taken = Map<number, Candidate>;

function fits({ from }: ApprovalStep, { groups }: Candidate): boolean {
  return from.length === 0 || from.some((group) => groups.includes(group));
}

/** Places of one step are next to each other, so the first free place is of the first step that is not filled. */
function inTurn(places: readonly ApprovalStep[], candidates: readonly Candidate[]): Taken {
  const taken: Taken = new Map();
  for (const candidate of candidates) {
    const place = places[taken.size];
    if (place !== undefined && fits(place, candidate)) taken.set(taken.size, candidate);
  }
  return taken;
}

/** Whoever finds a fitting place taken asks its holder to move on to another: no place is left that could be filled. */
function asManyAsCanBe(places: readonly ApprovalStep[], candidates: readonly Candidate[]): Taken {
  const taken: Taken = new Map();
  const seat = (candidate: Candidate, tried: Set<number>): boolean =>
    places.some((place, index) => {
      if (tried.has(index) || !fits(place, candidate)) return false;
      tried.add(index);
      const holder = taken.get(index);
      if (holder !== undefined && !seat(holder, tried)) return false;
      taken.set(index, candidate);
      return true;
    });
  for (const candidate of candidates) seat(candidate, new Set());
  return taken;
}
