import type { Contributor, ProjectSources } from '#app/ports/tiers.ts';
import type { CheckSubject } from '#domain/checks.ts';
import type { Observed } from '#domain/gates/evidence.ts';
import type { SeenModule } from '#domain/module-register.ts';
import type { PlanCounts } from '#domain/plan-ref.ts';
import type { ShownValue } from '#domain/plan/redact-change.ts';
import type { TierRule } from '#domain/tiers.ts';
import { type CelMap, celMap, hole, withMembers } from './cel-values.ts';
import type { CompiledRule } from './compile-rules.ts';
import { ruleInput, whyUndecided } from './evaluate-rule.ts';

/** What rules that raise tiers look at, as it goes to the thread. */
export interface TierView extends CheckSubject {
  counts: PlanCounts;
  requester: Observed<Contributor>;
  contributors: Observed<readonly Contributor[]>;
  added: ProjectSources['added'];
  modules: readonly SeenModule[];
}

/** What one rule says of a plan. */
export interface TierAnswer {
  name: string;
  matches: boolean;
  /** What the rule names; only the first are kept. */
  named: readonly string[];
  /** How many it names. */
  found: number;
  /** Why it could not be decided, and so matches. */
  why?: string;
}

const KEPT_NAMES = 5;
const NAME_LENGTH = 200;

/** What rules see of a plan and its context, made once for all of them. */
export interface TierInput {
  variables: Record<string, unknown>;
  /** Parts of the plan that no rule can see. */
  hidden: readonly string[];
}

export function tierInput(view: TierView): TierInput {
  const { hidden, plan, project, resources } = ruleInput(view);
  const { added, counts, modules } = view;
  return {
    variables: {
      plan: withMembers([
        ...Object.entries(plan),
        ['counts', celMap(counts as unknown as Record<string, number>, 'counts')],
      ]),
      project,
      requester: seenRequester(view.requester),
      contributors: seenContributors(view.contributors),
      context: celMap({ newProviders: [...added.providers], newModules: [...added.modules] }, 'context'),
      modules: modules.map((each) => celMap(each as unknown as Record<string, ShownValue>, 'module')),
    },
    hidden: [...hidden, ...resources.flatMap(({ resource, action }) => unknownAction(resource, action))],
  };
}

/** What an action means that we do not know, no rule can tell either. */
function unknownAction(
  { address, actions }: { address: string; actions: readonly string[] },
  action: string,
): string[] {
  const isKnown = action !== 'no-op' || actions.every((each) => each === 'no-op');
  return isKnown ? [] : [`${actions.join(', ')} of ${address}`];
}

function seenRequester(requester: Observed<Contributor>): CelMap {
  return requester.seen
    ? person(requester.value)
    : stranger(`who asks is not known at the moment: ${requester.why}`);
}

/** Where nobody knows who they are, whatever is asked of any of them has no answer. */
function seenContributors(contributors: Observed<readonly Contributor[]>): CelMap[] {
  return contributors.seen
    ? contributors.value.map(person)
    : [stranger(`who contributed is not known at the moment: ${contributors.why}`)];
}

function person({ id, roles, groups }: Contributor): CelMap {
  return celMap({ id, roles: [...roles], groups: [...groups] }, 'person');
}

function stranger(why: string): CelMap {
  return withMembers(['id', 'roles', 'groups'].map((name) => [name, hole(why)]));
}

/** Asks one rule. What it cannot decide, or may not have seen, it is taken to match. */
export function evaluateTierRule({ rule, ask }: CompiledRule<TierRule>, input: TierInput): TierAnswer {
  const params = celMap(rule.params as Record<string, ShownValue>, 'params');
  const answer = judge(rule.id, () => ask({ ...input.variables, params }));
  if (answer.matches || input.hidden.length === 0) return answer;
  return undecided(rule.id, `no rule can see these parts of the plan: ${input.hidden.join(', ')}`);
}

function judge(name: string, ask: () => unknown): TierAnswer {
  try {
    const said = ask();
    if (typeof said === 'boolean') return { name, matches: said, named: [], found: 0 };
    if (Array.isArray(said) && said.every((each) => typeof each === 'string')) return naming(name, said);
    return undecided(name, 'the rule came to neither true nor false nor a list of texts');
  } catch (error) {
    return undecided(name, whyUndecided(error));
  }
}

function naming(name: string, texts: readonly string[]): TierAnswer {
  const named = [...new Set(texts)];
  return {
    name,
    matches: named.length > 0,
    named: named.slice(0, KEPT_NAMES).map((each) => each.slice(0, NAME_LENGTH)),
    found: named.length,
  };
}

function undecided(name: string, why: string): TierAnswer {
  return { name, matches: true, named: [], found: 0, why };
}
