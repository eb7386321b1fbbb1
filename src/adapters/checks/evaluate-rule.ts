import type { CheckFinding, CheckReport, CheckRule, CheckSubject, ResourceAction } from '#domain/checks.ts';
import { matchesPath } from '#domain/path-match.ts';
import type { RedactedResource } from '#domain/plan/redact.ts';
import type { ShownValue } from '#domain/plan/redact-change.ts';
import { type CelMap, celMap, withMembers } from './cel-values.ts';
import type { CompiledRule } from './compile-rules.ts';

const KEPT_FINDINGS = 50;
const MESSAGE_LENGTH = 500;
const CHANGING: readonly ResourceAction[] = ['create', 'update', 'replace', 'delete', 'forget'];

/** Whether a rule is asked in this project at all. */
export function appliesToProject({ appliesTo }: CheckRule, dir: string): boolean {
  return appliesTo.projects === undefined || appliesTo.projects.some((pattern) => matchesPath(pattern, dir));
}

/** What rules see of a subject, made once for all of them. */
export interface RuleInput {
  resources: readonly { resource: RedactedResource; action: ResourceAction; seen: CelMap }[];
  plan: CelMap;
  project: CelMap;
  /** Parts of the plan that no rule can see. */
  hidden: readonly string[];
}

export function ruleInput({ plan, project }: CheckSubject): RuleInput {
  const resources = plan.resources.map((resource) => {
    const action = actionOf(resource.actions);
    return { resource, action, seen: seenResource(resource, action) };
  });
  const outputs = plan.outputs.map(
    ({ name, actions, before, after }) =>
      [name, celMap({ action: actionOf(actions), before, after }, `output.${name}`)] as const,
  );
  return {
    resources,
    plan: withMembers([
      ['terraformVersion', plan.terraformVersion],
      ['resources', resources.map(({ seen }) => seen)],
      ['outputs', withMembers(outputs)],
      ['checks', plan.checks.map(({ address, status }) => celMap({ address, status }, 'check'))],
    ]),
    project: celMap(project as unknown as Record<string, ShownValue>, 'project'),
    hidden: plan.hidden,
  };
}

/** Asks one rule everywhere it applies. A warning passes whatever it finds; an error passes only when nothing is left open. */
export function evaluateRule({ rule, ask }: CompiledRule, input: RuleInput): CheckReport {
  const params = celMap(rule.params as Record<string, ShownValue>, 'params');
  const common = { plan: input.plan, project: input.project, params };
  const asked =
    rule.over === 'plan'
      ? [{ where: 'plan', variables: common }]
      : input.resources
          .filter(({ resource, action }) => appliesToResource(rule, resource, action))
          .map(({ resource, seen }) => ({
            where: resource.address,
            variables: { ...common, resource: seen },
          }));
  const findings = [
    ...asked.flatMap(({ where, variables }) => judge(rule, where, () => ask(variables))),
    ...blindSpots(input.hidden),
  ];
  return {
    name: rule.id,
    severity: rule.severity,
    result: rule.severity === 'warning' ? 'pass' : worst(findings),
    examined: asked.length,
    found: findings.length,
    findings: findings.slice(0, KEPT_FINDINGS),
  };
}

function judge(rule: CheckRule, where: string, ask: () => unknown): CheckFinding[] {
  try {
    const answer = ask();
    if (answer === false) return [];
    if (answer === true) return [{ where, result: 'fail', message: rule.message }];
    return [{ where, result: 'unknown', message: 'the rule came to neither true nor false' }];
  } catch (error) {
    return [{ where, result: 'unknown', message: whyUndecided(error) }];
  }
}

/** The engine's message goes on with an excerpt of the rule, which helps nobody who reads a finding. */
export function whyUndecided(error: unknown): string {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return first.slice(0, MESSAGE_LENGTH);
}

function blindSpots(hidden: readonly string[]): CheckFinding[] {
  if (hidden.length === 0) return [];
  return [
    {
      where: 'plan',
      result: 'unknown',
      message: `no rule can see these parts of the plan: ${hidden.join(', ')}`,
    },
  ];
}

function worst(findings: readonly CheckFinding[]): CheckReport['result'] {
  if (findings.some((finding) => finding.result === 'fail')) return 'fail';
  return findings.length > 0 ? 'unknown' : 'pass';
}

function appliesToResource(
  { appliesTo }: CheckRule,
  { type }: RedactedResource,
  action: ResourceAction,
): boolean {
  const { types, actions = CHANGING } = appliesTo;
  return (
    actions.includes(action) && (types === undefined || types.some((pattern) => matchesPath(pattern, type)))
  );
}

function seenResource(resource: RedactedResource, action: ResourceAction): CelMap {
  const { address, module, mode, type, name, index, provider, actions, previousAddress, before, after } =
    resource;
  return celMap(
    {
      address,
      module: module ?? '',
      mode,
      type,
      name,
      index: index ?? null,
      provider,
      previousAddress: previousAddress ?? '',
      action,
      actions,
      before,
      after,
    },
    'resource',
  );
}

/** Terraform's list of actions in one word; see "actions" in https://developer.hashicorp.com/terraform/internals/json-format. */
function actionOf(actions: readonly string[]): ResourceAction {
  const has = (action: string) => actions.includes(action);
  if (has('delete')) return has('create') ? 'replace' : 'delete';
  if (has('forget')) return 'forget';
  if (has('create')) return 'create';
  if (has('update')) return 'update';
  return has('read') ? 'read' : 'no-op';
}
