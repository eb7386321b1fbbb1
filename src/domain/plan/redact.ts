import { elements, isJsonArray, isJsonNumber, isJsonObject, member, sourceText, text } from './json.ts';
import type { Json } from './json.ts';
import type { Plan, ResourceChange } from './plan.ts';
import { redactChange, sensitiveText, startsWith, unknownText } from './redact-change.ts';
import type { AttributePath, RedactedChange } from './redact-change.ts';
import { secretMatcher } from './secret-matcher.ts';
import type { SecretMatcher } from './secret-matcher.ts';
import { sensitiveValues } from './secret-values.ts';

/** What may be shown of a plan: JSON without secrets. Whatever is not known to be safe is not in it. */
export interface RedactedPlan {
  terraformVersion: string;
  /** Every resource, unchanged ones included: rules may want to see them. */
  resources: RedactedResource[];
  /** What terraform found changed outside of it since the last apply. */
  drift: RedactedResource[];
  outputs: RedactedOutput[];
  checks: RedactedCheck[];
  /** Parts of the plan that are not shown because Countersign does not know them. */
  hidden: string[];
}

export interface RedactedResource extends RedactedChange {
  address: string;
  previousAddress?: string;
  module?: string;
  mode: string;
  type: string;
  name: string;
  /** Key of the instance under `count` or `for_each`. */
  index?: string | number;
  deposed?: string;
  provider: string;
  actionReason?: string;
  importing?: { id: string };
}

export interface RedactedOutput extends RedactedChange {
  name: string;
}

export interface RedactedCheck {
  address: string;
  status: string;
  problems: string[];
}

/**
 * The plan as it may be shown to people, stored in clear and given to rules. Hidden are: what the plan marks as
 * sensitive, what is equal to or contains such a value anywhere else, and `secrets` the run was given. Variables, prior
 * state and configuration are left out; a value whose marks are missing or of another shape is hidden whole.
 */
export function redactPlan(plan: Plan, secrets: Iterable<string> = []): RedactedPlan {
  const matcher = secretMatcher([...sensitiveValues(plan), ...secrets]);
  const shown = (value: string) => matcher.mask(value, () => sensitiveText);
  return {
    terraformVersion: plan.terraform_version,
    resources: plan.resource_changes.map((each) => redactResource(each, matcher)),
    drift: plan.resource_drift.map((each) => redactResource(each, matcher)),
    outputs: Object.entries(plan.output_changes).map(([name, change]) => ({
      name: shown(name),
      ...redactChange(change, matcher),
    })),
    checks: plan.checks.map((check) => redactCheck(check, shown)),
    hidden: Object.keys(plan).filter((key) => isHidden(key, plan[key])),
  };
}

/** Whether an attribute, or anything it lies in or that lies in it, is known only after apply. */
export function isUnknownAt(change: RedactedChange, path: AttributePath): boolean {
  return change.unknown.some((unknown) => startsWith(path, unknown) || startsWith(unknown, path));
}

/** Whether an attribute, or anything it lies in or that lies in it, is hidden. */
export function isSensitiveAt(change: RedactedChange, path: AttributePath): boolean {
  return change.sensitive.some((each) => startsWith(path, each.path) || startsWith(each.path, path));
}

/** Keys that are shown, or that hold only what the shown ones say already. */
const accountedFor = new Set([
  'format_version',
  'terraform_version',
  'resource_changes',
  'resource_drift',
  'output_changes',
  'checks',
  'configuration',
  'variables',
  'planned_values',
  'prior_state',
  'relevant_attributes',
  'timestamp',
  'applyable',
  'complete',
  'errored',
]);

function isHidden(key: string, value: Json | undefined): boolean {
  if (key === 'complete') return value === false;
  return !accountedFor.has(key) && !(isJsonArray(value) && value.length === 0);
}

function redactResource(resource: ResourceChange, matcher: SecretMatcher): RedactedResource {
  const shown = (value: string) => matcher.mask(value, () => sensitiveText);
  const optional = (key: string, from: Json | undefined) => {
    const value = text(from);
    return value === undefined ? {} : { [key]: shown(value) };
  };
  const index = resource['index'];
  const importing = resource.change['importing'];
  return {
    address: shown(resource.address),
    ...optional('previousAddress', resource['previous_address']),
    ...optional('module', resource['module_address']),
    mode: resource.mode,
    type: resource.type,
    name: resource.name,
    ...(isJsonNumber(index) ? { index: Number(sourceText(index)) } : optional('index', index)),
    ...optional('deposed', resource['deposed']),
    provider: resource.provider_name,
    ...optional('actionReason', resource['action_reason']),
    ...(isJsonObject(importing)
      ? { importing: { id: shown(text(member(importing, 'id')) ?? unknownText) } }
      : {}),
    ...redactChange(resource.change, matcher),
  };
}

function redactCheck(check: Json, shown: (value: string) => string): RedactedCheck {
  const problems = elements(member(check, 'instances')).flatMap((instance) =>
    elements(member(instance, 'problems')).map((problem) => text(member(problem, 'message')) ?? ''),
  );
  return {
    address: shown(text(member(member(check, 'address'), 'to_display')) ?? '(unnamed check)'),
    status: text(member(check, 'status')) ?? 'unknown',
    problems: problems.map(shown),
  };
}
