import { describe, expect, test } from 'vitest';
import { comparePlans, differsUnseen } from '#domain/plan/compare.ts';
import { renderDifference } from '#domain/plan/render-difference.ts';
import type { AttributeChange, PlanSummary, ResourceSummary } from '#domain/plan/summarize.ts';

const BRIEF = { mostOfValue: 100 };

describe('two plans of a project', () => {
  const network = resource('a.network', 'create', [attribute('cidr', undefined, '10.0.0.0/24')]);
  const gateway = resource('a.gateway', 'update', [
    attribute('mtu', 1400, 1500),
    attribute('name', 'x', 'y'),
  ]);
  const route = resource('a.route', 'delete', []);

  test('are equal when their digests are, and say so', () => {
    const difference = comparePlans(plan('d1', [network, gateway]), plan('d1', [network, gateway]));
    expect(difference).toMatchObject({ isEqual: true, added: [], dropped: [], changed: [], same: 2 });
    expect(renderDifference(difference, BRIEF)).toEqual([]);
  });

  test('differ resource by resource, and attribute by attribute', () => {
    const other = resource('a.gateway', 'replace', [
      { ...attribute('mtu', 1400, 9000), forcesReplacement: true },
      attribute('name', 'x', 'y'),
    ]);
    const fresh = resource('a.fresh', 'create', [attribute('size', undefined, 1)]);
    const difference = comparePlans(
      plan('d1', [network, gateway, route]),
      plan('d2', [network, other, fresh]),
    );
    expect(difference).toMatchObject({ isEqual: false, same: 1 });
    expect(renderDifference(difference, BRIEF).join('\n\n')).toBe(
      `# a.route: no longer in the plan
- a.route will be destroyed

# a.gateway: will be updated in-place, now must be replaced
-     mtu = 1400 -> 1500
+     mtu = 1400 -> 9000 # forces replacement

# a.fresh: new in the plan
+ + "a" "fresh"
+     + size = 1`,
    );
  });

  test('differ in an output that only one of them changes', () => {
    const before = plan('d1', [network]);
    const after = plan('d2', [network]);
    after.summary.outputs.push({
      name: 'id',
      verb: 'update',
      changes: [{ ...attribute('x', 'a', 'b'), path: [] }],
    });
    expect(renderDifference(comparePlans(before, after), BRIEF)).toEqual([
      '# outputs\n+     id = "a" -> "b"',
    ]);
  });

  test('that differ only in what is hidden are not told as equal', () => {
    const difference = comparePlans(plan('d1', [network]), plan('d2', [network]));
    expect(difference.isEqual).toBe(false);
    expect(differsUnseen(difference)).toBe(true);
  });

  test('are told apart by the deposed object that is meant', () => {
    const deposed = { ...route, deposed: 'abc' };
    const difference = comparePlans(plan('d1', [route]), plan('d2', [route, deposed]));
    expect(difference.added).toEqual([deposed]);
  });
});

function plan(digest: string, resources: ResourceSummary[]): { digest: string; summary: PlanSummary } {
  const counts = { create: 0, update: 0, delete: 0, replace: 0, import: 0, move: 0, forget: 0, outputs: 0 };
  return { digest, summary: { counts, resources, outputs: [], drift: [], checks: [], warnings: [] } };
}

function resource(
  address: string,
  verb: ResourceSummary['verb'],
  changes: AttributeChange[],
): ResourceSummary {
  const [type = '', name = ''] = address.split('.');
  return { address, type, name, provider: 'p', actions: [verb], verb, changes };
}

function attribute(
  name: string,
  before: AttributeChange['before'],
  after: AttributeChange['after'],
): AttributeChange {
  return {
    path: [name],
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    sensitive: false,
    unknown: false,
    forcesReplacement: false,
  };
}
