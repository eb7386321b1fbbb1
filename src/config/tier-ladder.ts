import { stepsFor, type Tier } from '#domain/tiers.ts';
import type { Problem } from './problems.ts';

type PlaceOf = (...keys: readonly PropertyKey[]) => string;

/**
 * What makes a list of tiers no ladder: two of one name, a standing tier above one that is not, none that people approve
 * each time, and a graver tier that asks for less than a lighter one, since rules that raise would then weaken.
 */
export function ladderProblems(tiers: readonly Tier[], placeOf: PlaceOf): Problem[] {
  const isStanding = ({ standing }: Tier) => standing === true;
  const everyOne = tiers.flatMap((tier, index) => {
    const before = tiers.slice(0, index);
    const at = (...keys: readonly PropertyKey[]) => placeOf(index, ...keys);
    return [
      ...(before.some(({ name }) => name === tier.name)
        ? [{ place: at('name'), what: `there is a tier ${tier.name} already` }]
        : []),
      ...(isStanding(tier) && !before.every(isStanding)
        ? [
            {
              place: at('standing'),
              what: 'a standing tier is lighter than those that are not: name it first',
            },
          ]
        : []),
      ...before
        .slice(-1)
        .flatMap((lighter) => weaker(lighter, tier))
        .map(({ key, what }) => ({ place: at(key), what: `${key}: ${what}` })),
    ];
  });
  const none = tiers.every(isStanding)
    ? [{ place: placeOf(), what: 'tiers: expected one that is not standing' }]
    : [];
  return [...everyOne, ...none];
}

/** What a graver tier asks less of than the lighter one below it. */
function weaker(lighter: Tier, graver: Tier): { key: keyof Tier; what: string }[] {
  const than = `a graver tier may not ask for less than ${lighter.name}`;
  const sections = lighter.workPlan.filter((section) => !graver.workPlan.includes(section));
  const pairs = lighter.exclusions.filter(
    ([a, b]) => !graver.exclusions.some((pair) => pair.includes(a) && pair.includes(b)),
  );
  const people = fewerPeople(lighter, graver);
  return [
    ...(people === undefined ? [] : [{ key: 'approvals' as const, what: `${people}: ${than}` }]),
    ...(graver.approvalValidSeconds > lighter.approvalValidSeconds
      ? [{ key: 'approvalValidSeconds' as const, what: `its approvals hold longer: ${than}` }]
      : []),
    ...(sections.length > 0
      ? [{ key: 'workPlan' as const, what: `without ${sections.join(', ')}: ${than}` }]
      : []),
    ...(graver.reviews < lighter.reviews
      ? [{ key: 'reviews' as const, what: `${graver.reviews}: ${than}` }]
      : []),
    ...(pairs.length > 0
      ? [
          {
            key: 'exclusions' as const,
            what: `without ${pairs.map((pair) => pair.join(' and ')).join(', ')}: ${than}`,
          },
        ]
      : []),
  ];
}

/** Labels by which two tiers tell projects apart are few; of more combinations than this, the first are looked at. */
const MOST_COMBINATIONS = 5_000;

/** For which projects the graver tier wants fewer people than the lighter one. */
function fewerPeople(lighter: Tier, graver: Tier): string | undefined {
  const people = (tier: Tier, labels: Record<string, string>) =>
    stepsFor(tier.approvals, labels).reduce((sum, { count }) => sum + count, 0);
  const labels = combinations(lighter, graver).find((each) => people(graver, each) < people(lighter, each));
  if (labels === undefined) return undefined;
  const which = Object.entries(labels).map(([name, value]) => `${name}: ${value}`);
  const where = which.length === 0 ? '' : ` of projects with ${which.join(', ')}`;
  return `${people(graver, labels)} people instead of ${people(lighter, labels)}${where}`;
}

/** Stands for every value that nobody names. */
const OTHER = '(another)';

/** Every way in which a project may have, or not have, the labels that the tiers' steps ask for. */
function combinations(...tiers: readonly Tier[]): Record<string, string>[] {
  const asked = tiers.flatMap(({ approvals }) =>
    approvals.flatMap(({ labels }) => Object.entries(labels ?? {})),
  );
  const values = Map.groupBy(asked, ([name]) => name);
  let found: Record<string, string>[] = [{}];
  for (const [name, each] of values) {
    const distinct = [...new Set([...each.map(([, value]) => value), OTHER])];
    found = found
      .flatMap((labels) => [labels, ...distinct.map((value) => ({ ...labels, [name]: value }))])
      .slice(0, MOST_COMBINATIONS);
  }
  return found;
}
