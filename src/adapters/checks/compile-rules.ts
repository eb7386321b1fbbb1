import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import type { CheckRule } from '#domain/checks.ts';
import type { TierRule } from '#domain/tiers.ts';

/** A rule whose expression is ready to be asked. */
export interface CompiledRule<R = CheckRule> {
  rule: R;
  /** Throws what evaluation throws. */
  ask: (variables: Record<string, unknown>) => unknown;
}

/** Some rules cannot be used. The message lists each with the place in its file and the place in its expression. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}

const VARIABLES = {
  resource: ['resource', 'plan', 'project', 'params'],
  plan: ['plan', 'project', 'params'],
  tier: ['plan', 'project', 'requester', 'contributors', 'context', 'modules', 'params'],
} as const;

const LISTS: ReadonlySet<string> = new Set(['contributors', 'modules']);

/** Parses and type-checks every rule; throws a RuleError that names each one that is wrong. */
export function compileRules(rules: readonly CheckRule[]): CompiledRule[] {
  return compileAll(rules, compileCheck);
}

/** The same for rules that raise tiers. */
export function compileTierRules(rules: readonly TierRule[]): CompiledRule<TierRule>[] {
  return compileAll(rules, compileTier);
}

/** What is wrong with the expressions of the rules, and where each of them stands. */
export function ruleProblems(rules: readonly CheckRule[]): Problem[] {
  return problemsIn(rules, compileCheck);
}

/** The same for rules that raise tiers. */
export function tierRuleProblems(rules: readonly TierRule[]): Problem[] {
  return problemsIn(rules, compileTier);
}

interface Named {
  id: string;
  place: string;
}

interface Problem {
  place: string;
  what: string;
}

type Compile<R> = (rule: R) => ParseResult | string;

const compileCheck: Compile<CheckRule> = ({ over, when }) => compile(when, VARIABLES[over], ['bool']);
const compileTier: Compile<TierRule> = ({ when }) => compile(when, VARIABLES.tier, ['bool', 'list']);

function compileAll<R extends Named>(rules: readonly R[], ready: Compile<R>): CompiledRule<R>[] {
  const results = rules.map((rule) => ({ rule, ask: ready(rule) }));
  const problems = results.flatMap(({ rule, ask }) => (typeof ask === 'string' ? [problem(rule, ask)] : []));
  if (problems.length > 0)
    throw new RuleError(problems.map(({ place, what }) => `${place}: ${what}`).join('\n'));
  return results.flatMap(({ rule, ask }) => (typeof ask === 'string' ? [] : [{ rule, ask }]));
}

function problemsIn<R extends Named>(rules: readonly R[], ready: Compile<R>): Problem[] {
  return rules.flatMap((rule) => {
    const result = ready(rule);
    return typeof result === 'string' ? [problem(rule, result)] : [];
  });
}

function problem({ id, place }: Named, what: string): Problem {
  return { place, what: `rule ${id}: ${what}` };
}

function compile(
  when: string,
  variables: readonly string[],
  types: readonly ('bool' | 'list')[],
): ParseResult | string {
  const environment = new Environment({ homogeneousAggregateLiterals: false });
  for (const name of variables) environment.registerVariable(name, LISTS.has(name) ? 'list' : 'map');
  try {
    const parsed = environment.parse(when);
    const { valid, type = 'unknown', error } = parsed.check();
    if (!valid) return error?.message ?? 'it does not type-check';
    const isExpected = type === 'dyn' || types.some((each) => type === each || type.startsWith(`${each}<`));
    return isExpected ? parsed : `\`when\` is of type ${type}; expected ${types.join(' or ')}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
