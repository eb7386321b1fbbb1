import { readFileSync } from 'node:fs';
import type { Checks } from '#app/ports/checks.ts';
import { canonicalHash } from '#domain/canonical-hash.ts';
import type { CheckReport, CheckRule } from '#domain/checks.ts';
import { type CelThreads, createCelThreads } from './cel-threads.ts';
import { compileRules, ruleProblems } from './compile-rules.ts';
import { appliesToProject } from './evaluate-rule.ts';

// Raise it when an unchanged rule may come to another answer: approvals given under the old answers then lapse.
const SEMANTICS = 1;

/**
 * The built-in checks: rules in CEL over the redacted plan. Throws a RuleError that names every rule of the server that
 * does not compile, with its place.
 */
export function createCelChecks(
  rules: readonly CheckRule[],
  evaluateInThread: CelThreads = createCelThreads(),
): Checks {
  compileRules(rules);
  const ruleIds = rules.map(({ id }) => id);
  return {
    ruleIds,
    policyHash: (added) => policyHash(joined(rules, added)),
    problemsOf: ruleProblems,
    async evaluate(subject, added) {
      const asked = joined(rules, added).filter((rule) => appliesToProject(rule, subject.project.dir));
      if (asked.length === 0) return [];
      const { answers, why } = await evaluateInThread({ kind: 'checks', rules: asked, subject });
      return asked.map((rule) => answers.get(rule.id) ?? undecided(rule, why));
    },
  };
}

/** In order of name. Two rules of one name would answer for each other. */
function joined(rules: readonly CheckRule[], added: readonly CheckRule[]): CheckRule[] {
  const all = [...rules, ...added].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const twice = all.find(({ id }, index) => id === all[index + 1]?.id);
  if (twice !== undefined) throw new Error(`there are two rules of the name ${twice.id}`);
  return all;
}

/** Where a rule stands in its file does not matter, everything else does. */
function policyHash(rules: readonly CheckRule[]): string {
  const { version } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.resolve('@marcbachmann/cel-js')), 'utf8'),
  ) as { version: string };
  return canonicalHash({
    engine: `cel-js ${version}`,
    semantics: SEMANTICS,
    rules: rules.map((rule) => ({ ...rule, place: null })),
  });
}

function undecided({ id, severity }: CheckRule, why: string): CheckReport {
  const findings = [{ where: 'plan', result: 'unknown', message: why }] as const;
  return {
    name: id,
    severity,
    result: severity === 'warning' ? 'pass' : 'unknown',
    examined: 0,
    found: findings.length,
    findings,
  };
}
