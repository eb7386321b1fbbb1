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
  const problems: string[] = [];
  const compiled = rules.flatMap((rule): CompiledRule[] => {
    const result = compile(rule);
    if (typeof result !== 'string') return [{ rule, ask: result }];
    problems.push(`${rule.place}: rule ${rule.id}: ${result}`);
    return [];
  });
  if (problems.length > 0) throw new RuleError(problems.join('\n'));
  return compiled;
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
