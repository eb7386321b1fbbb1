import type { CheckSubject } from '#domain/checks.ts';
import type { Composition, Novelty } from '#domain/composition.ts';
import type { Demand } from '#domain/demand.ts';
import type { Observed } from '#domain/gates/evidence.ts';
import type { PlanCounts } from '#domain/plan-ref.ts';
import type { TierRule } from '#domain/tiers.ts';
import type { ConfigurationProblem } from './project-catalogue.ts';

/** The server's tiers, and the rules that say which of them a plan is of. */
export interface Tiers {
  /** Names of the tiers, from the lightest to the gravest. */
  names: readonly string[];
  /** Names of the server's rules, which no repository may use. */
  ruleIds: readonly string[];
  /** What is wrong with the expressions of rules, and where. */
  problemsOf(rules: readonly TierRule[]): readonly ConfigurationProblem[];
  /**
   * What a plan demands. A rule that cannot be decided, or not within the limits of time and memory, counts as one that
   * matches, and the reason says so. Throws what `sources` throws, which is asked only where a rule is.
   *
   * @param added rules of the repository; they can only raise.
   */
  decide(subject: TierSubject, added: readonly TierRule[]): Promise<Demand>;
}

/** What a plan's tier goes by. */
export interface TierSubject extends CheckSubject {
  /** The tier that its project is configured to have. */
  tier: string;
  counts: PlanCounts;
  requester: Observed<Contributor>;
  /** The requester, and everybody else whose work the plan is of; each person once. */
  contributors: Observed<readonly Contributor[]>;
  sources: () => Promise<ProjectSources>;
  /** The time now, RFC 3339 UTC: reviews of modules end. */
  at: string;
}

/** Somebody who had a part in making the change; empty for somebody whom the directory does not know. */
export interface Contributor {
  id: string;
  roles: readonly string[];
  groups: readonly string[];
}

/** What a project is made of, and what of it the target branch has not. */
export interface ProjectSources extends Composition {
  added: Novelty;
}
