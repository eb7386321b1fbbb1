import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import type { CheckRule } from '#domain/checks.ts';

/** A rule whose expression is ready to be asked. */
export interface CompiledRule {
  rule: CheckRule;
  /** Throws what evaluation throws. */
  ask: (variables: Record<string, unknown>) => unknown;
}

/** Some rules cannot be used. The message lists each with the place in its file and the place in its expression. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}

const variables = {
  resource: ['resource', 'plan', 'project', 'params'],
  plan: ['plan', 'project', 'params'],
} as const;

/** Parses and type-checks every rule; throws a RuleError that names each one that is wrong. */
export function compileRules(rules: readonly CheckRule[]): CompiledRule[] {
  const results = rules.map((rule) => ({ rule, ask: compile(rule) }));
  const problems = results.flatMap(({ rule, ask }) => (typeof ask === 'string' ? [problem(rule, ask)] : []));
  if (problems.length > 0)
    throw new RuleError(problems.map(({ place, what }) => `${place}: ${what}`).join('\n'));
  return results.flatMap(({ rule, ask }) => (typeof ask === 'string' ? [] : [{ rule, ask }]));
}

/** What is wrong with the expressions of the rules, and where each of them stands. */
export function ruleProblems(rules: readonly CheckRule[]): { place: string; what: string }[] {
  return rules.flatMap((rule) => {
    const result = compile(rule);
    return typeof result === 'string' ? [problem(rule, result)] : [];
  });
}

function problem({ id, place }: CheckRule, what: string): { place: string; what: string } {
  return { place, what: `rule ${id}: ${what}` };
}

function compile({ over, when }: CheckRule): ParseResult | string {
  const environment = new Environment({ homogeneousAggregateLiterals: false });
  for (const name of variables[over]) environment.registerVariable(name, 'map');
  try {
    const parsed = environment.parse(when);
    const { valid, type, error } = parsed.check();
    if (!valid) return error?.message ?? 'it does not type-check';
    if (type !== 'bool' && type !== 'dyn') return `\`when\` is of type ${type ?? 'unknown'}; expected bool`;
    return parsed;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
