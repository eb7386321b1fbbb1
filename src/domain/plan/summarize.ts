import type { PlanCounts } from '../plan-ref.ts';
import { startsWith } from './redact-change.ts';
import type { AttributePath, RedactedChange, ShownValue } from './redact-change.ts';
import type { RedactedCheck, RedactedPlan, RedactedResource } from './redact.ts';

/** What a plan would do, in the order and words people read it in. Made of the redacted plan only. */
export interface PlanSummary {
  counts: PlanCounts;
  /** Resources that something happens to, in terraform's order; unchanged ones are left out. */
  resources: ResourceSummary[];
  outputs: OutputSummary[];
  /** Changes made outside of terraform that it found; they are not what this plan does. */
  drift: ResourceSummary[];
  checks: RedactedCheck[];
  /** What an approver has to know beside the list. */
  warnings: PlanWarning[];
}

export interface PlanWarning {
  kind: 'part-not-shown' | 'unknown-action' | 'check-failed' | 'check-unknown';
  text: string;
}

/** `other` is an action Countersign does not know: shown, never taken for harmless. */
export type Verb = 'create' | 'update' | 'delete' | 'replace' | 'forget' | 'read' | 'no-op' | 'other';

export interface ResourceSummary {
  address: string;
  previousAddress?: string;
  module?: string;
  type: string;
  name: string;
  provider: string;
  deposed?: string;
  actions: string[];
  verb: Verb;
  /** Replaced with the new one made first. */
  createFirst?: boolean;
  importing?: { id: string };
  reason?: string;
  changes: AttributeChange[];
}

export interface OutputSummary {
  name: string;
  verb: Verb;
  changes: AttributeChange[];
}

/** One attribute that differs; `before` or `after` is absent where there is no value. */
export interface AttributeChange {
  path: AttributePath;
  before?: ShownValue;
  after?: ShownValue;
  sensitive: boolean;
  unknown: boolean;
  forcesReplacement: boolean;
}

/** Everything a redacted plan would change, down to the attribute. */
export function summarizePlan(plan: RedactedPlan): PlanSummary {
  const resources = plan.resources.map(summarizeResource).filter(isEvent);
  const outputs = plan.outputs.map(summarizeOutput).filter(({ verb }) => verb !== 'no-op');
  const count = (verb: Verb) => resources.filter((each) => each.verb === verb).length;
  return {
    counts: {
      create: count('create'),
      update: count('update'),
      delete: count('delete'),
      replace: count('replace'),
      forget: count('forget'),
      import: resources.filter((each) => each.importing !== undefined).length,
      move: resources.filter((each) => each.previousAddress !== undefined).length,
      outputs: outputs.length,
    },
    resources,
    outputs,
    drift: plan.drift.map(summarizeResource).filter(isEvent),
    checks: plan.checks,
    warnings: warningsOf(plan, resources),
  };
}

/** Whether applying the plan would change anything, the state included; a read alone does not. */
export function hasChanges(summary: PlanSummary): boolean {
  const acts = summary.resources.some(
    (each) => each.verb !== 'read' || each.importing !== undefined || each.previousAddress !== undefined,
  );
  return acts || summary.outputs.length > 0 || summary.warnings.some(({ kind }) => kind === 'part-not-shown');
}

function warningsOf(plan: RedactedPlan, resources: readonly ResourceSummary[]): PlanWarning[] {
  const hidden = plan.hidden.map((part) => `The plan has a part "${part}" that is not shown here.`);
  const unknown = resources.filter((each) => each.verb === 'other');
  const checks = plan.checks.filter((check) => check.status !== 'pass');
  return [
    ...hidden.map((text) => ({ kind: 'part-not-shown' as const, text })),
    ...unknown.map((each) => ({
      kind: 'unknown-action' as const,
      text: `${each.address}: unknown action ${each.actions.join(', ')}.`,
    })),
    ...checks.map((check) => ({
      kind: check.status === 'unknown' ? ('check-unknown' as const) : ('check-failed' as const),
      text: [`${check.address} is ${check.status}`, ...check.problems].join(': '),
    })),
  ];
}

function isEvent(resource: ResourceSummary): boolean {
  return (
    resource.verb !== 'no-op' || resource.importing !== undefined || resource.previousAddress !== undefined
  );
}

function summarizeResource(resource: RedactedResource): ResourceSummary {
  const { address, type, name, provider, actions, importing, previousAddress, module, deposed } = resource;
  const verb = verbOf(actions);
  return {
    address,
    ...(previousAddress === undefined ? {} : { previousAddress }),
    ...(module === undefined ? {} : { module }),
    type,
    name,
    provider,
    ...(deposed === undefined ? {} : { deposed }),
    actions,
    verb,
    ...(verb === 'replace' ? { createFirst: actions[0] === 'create' } : {}),
    ...(importing === undefined ? {} : { importing }),
    ...(resource.actionReason === undefined ? {} : { reason: resource.actionReason.replaceAll('_', ' ') }),
    changes: verb === 'no-op' ? [] : attributeChanges(resource),
  };
}

function summarizeOutput(output: RedactedPlan['outputs'][number]): OutputSummary {
  const verb = verbOf(output.actions);
  return { name: output.name, verb, changes: verb === 'no-op' ? [] : attributeChanges(output) };
}

const verbs: Readonly<Record<string, Verb>> = {
  create: 'create',
  update: 'update',
  delete: 'delete',
  forget: 'forget',
  read: 'read',
  'no-op': 'no-op',
  'create,delete': 'replace',
  'delete,create': 'replace',
  'create,forget': 'replace',
};

function verbOf(actions: readonly string[]): Verb {
  return verbs[actions.join(',')] ?? 'other';
}

/** The attributes that differ, a row for each innermost value. */
function attributeChanges(change: RedactedChange): AttributeChange[] {
  const rows: AttributeChange[] = [];
  compare(change.before ?? undefined, change.after ?? undefined, []);
  return rows;

  function compare(before: ShownValue | undefined, after: ShownValue | undefined, path: AttributePath): void {
    const hidden = change.sensitive.find((each) => samePath(each.path, path));
    const unknown = change.unknown.some((each) => samePath(each, path));
    const keys = hidden === undefined && !unknown ? childKeys(before, after) : undefined;
    if (keys !== undefined) {
      for (const key of keys) compare(childAt(before, key), childAt(after, key), [...path, key]);
      return;
    }
    const changed = hidden?.changed ?? (unknown || !sameShown(before, after));
    if (!changed || (isNothing(before) && isNothing(after) && !unknown && hidden === undefined)) return;
    rows.push({
      path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      sensitive: hidden !== undefined,
      unknown,
      forcesReplacement: change.replacePaths.some((each) => startsWith(path, each)),
    });
  }
}

/** Keys of both sides when the value goes deeper; an empty container is a value of its own. */
function childKeys(
  before: ShownValue | undefined,
  after: ShownValue | undefined,
): (string | number)[] | undefined {
  const sides = [before, after].filter((side) => !isNothing(side));
  if (sides.length === 0 || !sides.every((side) => typeof side === 'object')) return undefined;
  const lists = sides.filter((side) => Array.isArray(side));
  if (lists.length > 0 && lists.length < sides.length) return undefined;
  if (lists.length > 0) {
    const length = Math.max(...lists.map((list) => list.length));
    return length === 0 ? undefined : Array.from({ length }, (_, index) => index);
  }
  const keys = [...new Set(sides.flatMap((side) => Object.keys(side)))].sort();
  return keys.length === 0 ? undefined : keys;
}

function childAt(value: ShownValue | undefined, key: string | number): ShownValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function isNothing(value: ShownValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

function samePath(a: AttributePath, b: AttributePath): boolean {
  return a.length === b.length && startsWith(a, b);
}

function sameShown(a: ShownValue | undefined, b: ShownValue | undefined): boolean {
  return (isNothing(a) && isNothing(b)) || JSON.stringify(a) === JSON.stringify(b);
}
