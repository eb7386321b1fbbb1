import { type ApprovalStep, type Demand, mergedSteps } from './demand.ts';

/** One rung of the server's ladder: what a plan of this tier has to have before it may be applied. */
export interface Tier extends Omit<Demand, 'tier' | 'rank' | 'reasons' | 'approvals'> {
  name: string;
  approvals: readonly TierApproval[];
}

/** A step of a tier; with labels it is there for projects that have all of them; see `stepsFor`. */
export interface TierApproval extends ApprovalStep {
  labels?: Readonly<Record<string, string>>;
}

/** A rule that raises plans to a tier. */
export interface TierRule {
  id: string;
  tier: string;
  /** CEL expression: true, or a list of texts that is not empty, where the rule matches. */
  when: string;
  /** Why, for people; the texts of the list are told with it. */
  message: string;
  appliesTo: {
    /** Patterns of project folders. All when absent. */
    projects?: readonly string[];
  };
  /** Values that `when` reads as `params`. */
  params: Readonly<Record<string, unknown>>;
  /** `file:line:col` of the rule. */
  place: string;
}

/** A rule that matches a plan, or that could not be decided, which counts as much. */
export interface TierMatch {
  tier: string;
  reason: string;
}

/** As much of a project as its tier goes by. */
export interface TieredProject {
  /** Its configured tier: the floor. */
  tier: string;
  labels: Readonly<Record<string, string>>;
}

/**
 * What a plan demands: the gravest of its project's tier and those of the rules that match it, with every reason, the
 * gravest first. Rules can only raise. Throws for a tier that is not on the ladder, which the configuration refuses.
 *
 * @param ladder from the lightest tier to the gravest.
 */
export function demandOf(
  ladder: readonly Tier[],
  { tier: floor, labels }: TieredProject,
  matches: readonly TierMatch[],
): Demand {
  const rankOf = (name: string) => rankIn(ladder, name);
  const found = matches.toSorted((a, b) => rankOf(b.tier) - rankOf(a.tier));
  const rank = Math.max(rankOf(floor), ...found.map(({ tier }) => rankOf(tier)));
  const { name, approvals, ...rest } = ladder[rank] ?? nobodysTier(floor);
  const asConfigured =
    rankOf(floor) === rank && floor !== defaultTier(ladder) ? [`the project is configured as ${floor}`] : [];
  return {
    tier: name,
    rank,
    reasons: [...new Set([...asConfigured, ...found.map(({ reason }) => reason)])],
    ...rest,
    approvals: stepsFor(approvals, labels),
  };
}

/** The tier of a project of which nobody says anything: the lightest that people have to approve each time. */
export function defaultTier(ladder: readonly Tier[]): string {
  return (ladder.find(({ standing }) => standing !== true) ?? nobodysTier('without a standing approval'))
    .name;
}

/** Place on the ladder; 0 is the lightest. Throws for what is not on it. */
export function rankIn(ladder: readonly Tier[], name: string): number {
  const rank = ladder.findIndex((tier) => tier.name === name);
  return rank >= 0 ? rank : nobodysTier(name);
}

function nobodysTier(name: string): never {
  throw new Error(`there is no tier ${name}`);
}

/**
 * The steps that count for a project: those without labels, and those whose labels it has. A label that it has not at all
 * is not known, so it is taken to fit. Entries of one id are one step with a choice of who takes it; a project that fits
 * none of them needs all of them, and one for which nothing would count needs every step there is: a label that nobody
 * thought of must not make anybody's approval needless.
 */
export function stepsFor(
  approvals: readonly TierApproval[],
  labels: Readonly<Record<string, string>>,
): ApprovalStep[] {
  const fits = ({ labels: wanted = {} }: TierApproval) =>
    Object.entries(wanted).every(([name, value]) => !Object.hasOwn(labels, name) || labels[name] === value);
  const counting = [...Map.groupBy(approvals, ({ id }) => id).values()].flatMap((choice) => {
    const fitting = choice.filter(fits);
    return fitting.length === 0 && choice.length > 1 ? choice : fitting;
  });
  return mergedSteps(
    (counting.length === 0 ? approvals : counting).map(({ id, from, count }) => ({ id, from, count })),
    [],
  );
}
