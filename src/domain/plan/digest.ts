import { createHash, createHmac } from 'node:crypto';
import {
  canonicalText,
  elements,
  isJsonArray,
  isJsonNumber,
  isJsonObject,
  member,
  sourceText,
  text,
} from './json.ts';
import type { Json, JsonObject, Replace } from './json.ts';
import type { Plan } from './plan.ts';
import { secretMatcher } from './secret-matcher.ts';
import type { SecretMatcher } from './secret-matcher.ts';
import { sensitiveValues } from './secret-values.ts';

/**
 * SHA-256 (hex) over what a plan would do: equal when the same change would be made, different as soon as any part of
 * it differs. Sensitive values enter as HMAC-SHA-256 under `key`, so the digest binds them and nobody without the key
 * can guess them from it. It covers
 *
 * - resource_changes, output_changes and checks, in an order of their own;
 * - configuration and variables, keyed as a whole: provisioners stand only there, and what they do hangs on variables;
 * - what data sources gave, when there are provisioners, which may use it without a trace in any resource;
 * - the hash of the module tree, since files that provisioners read stand nowhere in the plan;
 * - every part of the plan that this version does not know.
 *
 * Not covered is what differs between two plans of the same change: time, prior state (bound by lineage and serial),
 * drift, planned values (a copy) and versions (bound on their own).
 */
export function planDigest(
  plan: Plan,
  { key, moduleTreeHash }: { key: Uint8Array; moduleTreeHash: string },
): string {
  const keyed = (value: Json) => createHmac('sha256', key).update(canonicalText(value)).digest('hex');
  const matcher = secretMatcher(sensitiveValues(plan));
  const { write, sealChange } = sealingWriter(matcher, keyed);
  const resources = plan.resource_changes.map((each) => ({ ...each, change: sealChange(each.change) }));
  const outputs = Object.entries(plan.output_changes).map(([name, change]) => [name, sealChange(change)]);
  const lines = [
    'countersign plan digest v1',
    ...resources.map((each) => `resource ${write(withOrderedPaths(each))}`).sort(),
    `outputs ${write(Object.fromEntries(outputs))}`,
    ...plan.checks.map((each) => `check ${write(withOrderedInstances(each))}`).sort(),
    `configuration ${keyed(plan.configuration)}`,
    `variables ${keyed(plan['variables'] ?? {})}`,
    `data ${keyed(provisions(plan) ? dataIn(member(plan['prior_state'], 'values')) : [])}`,
    `modules ${moduleTreeHash}`,
    ...Object.keys(plan)
      .filter((part) => !accountedFor.has(part))
      .sort()
      .map((part) => `other ${JSON.stringify(part)} ${keyed(plan[part] ?? null)}`),
  ];
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

const accountedFor = new Set([
  'resource_changes',
  'output_changes',
  'checks',
  'configuration',
  'variables',
  'format_version',
  'terraform_version',
  'resource_drift',
  'relevant_attributes',
  'planned_values',
  'prior_state',
  'timestamp',
]);

function provisions(plan: Plan): boolean {
  return canonicalText(plan.configuration).includes('"provisioners":');
}

/** The data sources among the resources of a state, in their modules. */
function dataIn(values: Json | undefined): Json {
  const ofModule = (module: Json | undefined): Json[] => [
    ...elements(member(module, 'resources')).filter((each) => member(each, 'mode') === 'data'),
    ...elements(member(module, 'child_modules')).flatMap(ofModule),
  ];
  return inOwnOrder(ofModule(member(values, 'root_module')));
}

/** Sets in all but name: terraform promises no order for them. */
function inOwnOrder(list: Json | undefined): Json {
  return [...elements(list)].sort((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1));
}

function withOrderedPaths(resource: Json): Json {
  const change = member(resource, 'change');
  if (!isJsonObject(resource) || !isJsonObject(change) || change['replace_paths'] === undefined)
    return resource;
  return { ...resource, change: { ...change, replace_paths: inOwnOrder(change['replace_paths']) } };
}

function withOrderedInstances(check: Json): Json {
  if (!isJsonObject(check)) return check;
  return { ...check, instances: inOwnOrder(check['instances']) };
}

/** Writes parts of a plan with every secret in them replaced by its keyed hash. */
function sealingWriter(matcher: SecretMatcher, keyed: (value: Json) => string) {
  // A marked value gives its place to an empty object of its own, which nothing in a plan can be mistaken for.
  const standIns = new Map<Json, string>();
  const seal = (value: Json | undefined, mark: Json | undefined): Json | undefined => {
    if (value === undefined || value === null || mark === undefined || mark === false) return value;
    if (isJsonObject(value) && isJsonObject(mark))
      return Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, seal(each, member(mark, name)) ?? null]),
      );
    if (isJsonArray(value) && isJsonArray(mark))
      return value.map((each, index) => seal(each, mark[index]) ?? null);
    if (isEmptyContainer(mark)) return value;
    const standIn = {};
    standIns.set(standIn, keyed(value));
    return standIn;
  };
  const replace: Replace = (value) => {
    const sealed = standIns.get(value);
    if (sealed !== undefined) return { tag: 'sealed', text: sealed };
    const plain = isJsonNumber(value) ? sourceText(value) : text(value);
    const masked =
      plain === undefined ? undefined : matcher.mask(plain, (secret) => `\u0000${keyed(secret)}\u0000`);
    return masked === plain || masked === undefined ? undefined : { tag: 'masked', text: masked };
  };
  const sealChange = (change: JsonObject): JsonObject => ({
    ...change,
    before: seal(change['before'], change['before_sensitive']) ?? null,
    after: seal(change['after'], change['after_sensitive']) ?? null,
  });
  return { write: (value: Json) => canonicalText(value, replace), sealChange };
}

function isEmptyContainer(mark: Json): boolean {
  return (isJsonObject(mark) && Object.keys(mark).length === 0) || (isJsonArray(mark) && mark.length === 0);
}
