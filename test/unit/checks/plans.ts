import { compileRules } from '#adapters/checks/compile-rules.ts';
import { evaluateRule, ruleInput } from '#adapters/checks/evaluate-rule.ts';
import type { CheckReport, CheckRule, CheckSubject } from '#domain/checks.ts';
import type { RedactedPlan, RedactedResource } from '#domain/plan/redact.ts';
import type { ShownValue } from '#domain/plan/redact-change.ts';

/** A resource of a redacted plan; `after` may hold the marks of unknown and hidden values. */
export function resource(
  type: string,
  after: ShownValue,
  rest: Partial<RedactedResource> = {},
): RedactedResource {
  return {
    address: `${type}.one`,
    mode: 'managed',
    type,
    name: 'one',
    provider: 'registry.terraform.io/hashicorp/aws',
    actions: ['create'],
    before: null,
    after,
    sensitive: [],
    unknown: [],
    replacePaths: [],
    ...rest,
  };
}

export function subject(resources: RedactedResource[], rest: Partial<RedactedPlan> = {}): CheckSubject {
  return {
    plan: { terraformVersion: '1.11.4', resources, drift: [], outputs: [], checks: [], hidden: [], ...rest },
    project: {
      key: 'biz/dev/network',
      dir: 'biz/dev/network',
      workspace: 'default',
      repository: 7,
      labels: { env: 'dev', account: 'core', region: 'apne2', company: 'acme', service: 'pay' },
    },
  };
}

export function rule(when: string, rest: Partial<CheckRule> = {}): CheckRule {
  return {
    id: 'rule',
    over: 'resource',
    when,
    severity: 'error',
    message: 'broken',
    appliesTo: {},
    params: {},
    place: 'rules.yaml:3:5',
    ...rest,
  };
}

/** What one rule comes to, without the thread that bounds it. */
export function ask(asked: CheckRule, about: CheckSubject): CheckReport {
  const [compiled] = compileRules([asked]);
  if (compiled === undefined) throw new Error('there is no rule');
  return evaluateRule(compiled, ruleInput(about));
}
