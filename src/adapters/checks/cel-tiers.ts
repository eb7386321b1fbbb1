import type { Tiers } from '#app/ports/tiers.ts';
import { matchesPath } from '#domain/path-match.ts';
import { type ModuleAttestation, seenModules } from '#domain/module-register.ts';
import { demandOf, type Tier, type TierMatch, type TierRule } from '#domain/tiers.ts';
import { type CelThreads, createCelThreads } from './cel-threads.ts';
import { compileTierRules, tierRuleProblems } from './compile-rules.ts';
import type { TierAnswer } from './evaluate-tier-rule.ts';

/** What the server's file says of tiers. */
export interface TierConfiguration {
  tiers: readonly Tier[];
  tierRules: readonly TierRule[];
  modules: readonly ModuleAttestation[];
}

/**
 * Tiers decided by rules in CEL over the redacted plan and its context. Throws a RuleError that names every rule of the
 * server that does not compile, with its place.
 */
export function createCelTiers(
  { tiers, tierRules, modules: register }: TierConfiguration,
  evaluateInThread: CelThreads = createCelThreads(),
): Tiers {
  compileTierRules(tierRules);
  return {
    names: tiers.map(({ name }) => name),
    ruleIds: tierRules.map(({ id }) => id),
    problemsOf: tierRuleProblems,
    async decide({ tier, contributors, counts, requester, sources, at, plan, project }, added) {
      const floor = { tier, labels: project.labels };
      const asked = [...tierRules, ...added].filter((rule) => applies(rule, project.dir));
      if (asked.length === 0) return demandOf(tiers, floor, []);
      const { added: novelty, modules } = await sources();
      const subject = {
        plan,
        project,
        counts,
        requester,
        contributors,
        added: novelty,
        modules: seenModules(modules, register, { repository: project.repository, at }),
      };
      const { answers, why } = await evaluateInThread({ kind: 'tiers', rules: asked, subject });
      const matches = asked.flatMap((rule) => matchOf(rule, answers.get(rule.id), why));
      return demandOf(tiers, floor, matches);
    },
  };
}

function applies({ appliesTo: { projects } }: TierRule, dir: string): boolean {
  return projects === undefined || projects.some((pattern) => matchesPath(pattern, dir));
}

/** A rule of which the thread said nothing before it broke a limit is not decided either. */
function matchOf({ tier, message }: TierRule, answer: TierAnswer | undefined, why: string): TierMatch[] {
  if (answer === undefined) return [{ tier, reason: notDecided(message, why) }];
  if (!answer.matches) return [];
  if (answer.why !== undefined) return [{ tier, reason: notDecided(message, answer.why) }];
  if (answer.named.length === 0) return [{ tier, reason: message }];
  const more = answer.found - answer.named.length;
  const others = more > 0 ? ` and ${more} more` : '';
  return [{ tier, reason: `${message}: ${answer.named.join(', ')}${others}` }];
}

function notDecided(message: string, why: string): string {
  return `${message}: taken to be so, since it could not be decided (${why})`;
}
