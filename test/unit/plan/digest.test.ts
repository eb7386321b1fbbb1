import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planDigest } from '#domain/plan/digest.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { planOf, recordedPlan } from './plans.ts';

const key = Buffer.alloc(32, 1);

function digest(plan: Plan, moduleTreeHash = 'modules'): string {
  return planDigest(plan, { key, moduleTreeHash });
}

const baseline = digest(recordedPlan());

describe('two plans of the same change agree', () => {
  test('whenever they were made', () => {
    const later = recordedPlan((text) =>
      text.replace(/"timestamp": "[^"]*"/u, '"timestamp": "2030-01-01T00:00:00Z"'),
    );
    expect(digest(later)).toBe(baseline);
  });

  test('in whatever order resources, checks and keys are listed', () => {
    const plan = recordedPlan();
    const shuffled: Plan = {
      ...plan,
      resource_changes: plan.resource_changes.toReversed(),
      checks: plan.checks.toReversed(),
      output_changes: Object.fromEntries(Object.entries(plan.output_changes).toReversed()),
    };
    expect(digest(shuffled)).toBe(baseline);
  });

  test('whatever else changed outside, and whatever terraform derives from it', () => {
    const plan = recordedPlan();
    const drift = { resource_drift: plan.resource_changes, prior_state: null, relevant_attributes: [] };
    expect(digest({ ...plan, ...drift })).toBe(baseline);
  });
});

describe('two plans differ', () => {
  const edits: [string, string | RegExp, string][] = [
    ['in a secret of a resource', /s3cr3t-first2/gu, 's3cr3t-other2'],
    ['in the last digit of a number beyond 2^53', /9007199254740993/gu, '9007199254740994'],
    ['in a number and the string it spells', '"n": 9007199254740993', '"n": "9007199254740993"'],
    ['in the body of a provisioner', '"TOKEN": "abc"', '"TOKEN": "abd"'],
    ['in an action', /"actions": \["forget"\]/u, '"actions": ["delete"]'],
    [
      'in a previous address',
      '"previous_address": "terraform_data.old"',
      '"previous_address": "terraform_data.older"',
    ],
    ['in an imported id', '"importing": { "id": "1234" }', '"importing": { "id": "1235" }'],
    [
      'in what forces a replacement',
      /"replace_paths": \[\["triggers_replace"\]\]/u,
      '"replace_paths": [["input"]]',
    ],
    [
      'in what is unknown',
      '"after_unknown": { "id": true, "output": true }',
      '"after_unknown": { "id": true }',
    ],
    ['in the result of a check', '"status": "unknown"', '"status": "pass"'],
    ['in a part nobody has heard of', '"format_version"', '"brand_new": {"acts": true}, "format_version"'],
  ];
  test.each(edits)('%s', (_what, from, to) => {
    const edited = recordedPlan((text) => {
      const changed = text
        .replaceAll(/\s+/gu, ' ')
        .replaceAll('[ ', '[')
        .replaceAll(' ]', ']')
        .replace(from, to);
      expect(changed).not.toBe(text.replaceAll(/\s+/gu, ' ').replaceAll('[ ', '[').replaceAll(' ]', ']'));
      return changed;
    });
    expect(digest(edited)).not.toBe(baseline);
  });

  test('in the files of their modules', () => {
    expect(digest(recordedPlan(), 'other')).not.toBe(baseline);
  });

  test('in a variable that only a provisioner uses', () => {
    const one = planOf({}, { variables: { x: { value: 'a' } } });
    expect(digest(one)).not.toBe(digest(planOf({}, { variables: { x: { value: 'b' } } })));
  });

  test('in what a data source gave, when a provisioner may use it', () => {
    const plan = (value: string, provisioners: object[]) =>
      planOf(
        {},
        {
          prior_state: {
            values: {
              root_module: { child_modules: [{ resources: [{ mode: 'data', values: { value } }] }] },
            },
          },
          configuration: {
            root_module: { resources: [provisioners.length > 0 ? { provisioners } : {}] },
          },
        },
      );
    const provisioner = [{ type: 'local-exec' }];
    expect(digest(plan('a', provisioner))).not.toBe(digest(plan('b', provisioner)));
    expect(digest(plan('a', []))).toBe(digest(plan('b', [])));
  });

  test('in what a map key named __proto__ hides', () => {
    const plan = (value: number) =>
      planOf({ after: { map: 'HERE' } }, {}, (text) =>
        text.replace('"HERE"', `{"__proto__": {"a": ${value}}}`),
      );
    expect(digest(plan(1))).not.toBe(digest(plan(2)));
  });
});

describe('a secret in a digest', () => {
  test('cannot be guessed without the key', () => {
    const plan = recordedPlan();
    const other = planDigest(plan, { key: Buffer.alloc(32, 2), moduleTreeHash: 'modules' });
    expect(other).not.toBe(baseline);
  });

  test('is bound also where the provider dropped its mark', () => {
    const plan = (copy: string) =>
      planOf({
        before: { secret: 'hunter2-hunter2', copy: 'hunter2-hunter2' },
        after: { secret: 'hunter2-hunter2', copy },
        before_sensitive: { secret: true },
        after_sensitive: { secret: true },
      });
    expect(digest(plan('hunter2-hunter2'))).not.toBe(digest(plan('something else')));
  });
});

test('no value can imitate another, whatever the values are', () => {
  const digestOf = (after: unknown) => digest(planOf({ after: { value: after } }));
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other) || digestOf(one) !== digestOf(other);
      expect(same || isReordered(one, other)).toBe(true);
    }),
    { numRuns: 200 },
  );
  expect(digestOf({ '#n': '5' })).not.toBe(digestOf(5));
  expect(digestOf({ '#sealed': 'x' })).not.toBe(digestOf({ '##sealed': 'x' }));
});

/** Objects that differ in the order of keys only. */
function isReordered(one: unknown, other: unknown): boolean {
  try {
    expect(one).toStrictEqual(other);
    return true;
  } catch {
    return false;
  }
}

test('a mark of another shape than the value seals it whole', () => {
  const sealed = (value: string) => planOf({ after: { a: value }, after_sensitive: { a: [true] } });
  expect(digest(sealed('one'))).not.toBe(digest(sealed('two')));
});
