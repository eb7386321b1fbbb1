import { describe, expect, test } from 'vitest';
import { isSensitiveAt, isUnknownAt, redactPlan } from '#domain/plan/redact.ts';
import type { RedactedPlan } from '#domain/plan/redact.ts';
import { planOf, recorded, recordedPlan, resourceOf } from './plans.ts';

function only(plan: RedactedPlan) {
  const [first] = plan.resources;
  if (first === undefined) throw new Error('no resource');
  return first;
}

describe('what may be shown of a plan', () => {
  test('holds no secret of a recorded plan, in no form', () => {
    expect(recorded).toContain('s3cr3t-first');
    const shown = JSON.stringify(redactPlan(recordedPlan()));
    expect(shown).not.toContain('s3cr3t');
    expect(shown).not.toContain(Buffer.from('s3cr3t-first').toString('base64').slice(0, -2));
  });

  test('hides a secret also where the provider dropped its mark', () => {
    const resource = redactPlan(recordedPlan()).resources.find(({ name }) => name === 'inner');
    expect(resource?.before).toMatchObject({
      input: { k: 'v', pw: '(sensitive value)' },
      output: { k: 'v', pw: '(sensitive value)' },
    });
    expect(resource?.sensitive).toContainEqual({ path: ['output', 'pw'], changed: true });
  });

  test('has no variables, no state and no configuration', () => {
    const keys = Object.keys(redactPlan(recordedPlan())).sort();
    expect(keys).toEqual(['checks', 'drift', 'hidden', 'outputs', 'resources', 'terraformVersion']);
  });

  test('hides the secrets of the run itself', () => {
    const plan = planOf({ before: null, after: { url: 'https://u:t0k3n-of-ours@host/' } });
    expect(only(redactPlan(plan, ['t0k3n-of-ours'])).after).toEqual({
      url: 'https://u:(sensitive value)@host/',
    });
  });

  test('hides a value whole when its marks are missing or of another shape', () => {
    const values = { before: { a: 'plain-text' }, after: { a: 'other-text' } };
    const noMarks = planOf({ ...values, before_sensitive: undefined });
    expect(only(redactPlan(noMarks))).toMatchObject({
      before: '(sensitive value)',
      after: '(sensitive value)',
    });
    const oddMarks = planOf({ ...values, after_sensitive: { a: { b: false } } });
    expect(only(redactPlan(oddMarks))).toMatchObject({
      before: { a: '(sensitive value)' },
      after: { a: '(sensitive value)' },
    });
  });

  test('hides on both sides what is sensitive on one, and says whether it would change', () => {
    const plan = planOf({
      before: { a: 'was-open', b: 'same', c: null },
      after: { a: 'now-secret', b: 'same', c: 'new-secret' },
      before_sensitive: {},
      after_sensitive: { a: true, b: true, c: true },
    });
    expect(only(redactPlan(plan))).toMatchObject({
      before: { a: '(sensitive value)', b: '(sensitive value)', c: null },
      after: { a: '(sensitive value)', b: '(sensitive value)', c: '(sensitive value)' },
      sensitive: [
        { path: ['a'], changed: true },
        { path: ['b'], changed: false },
        { path: ['c'], changed: true },
      ],
    });
  });

  test('hides secrets that are keys of maps, ids of imports and instances', () => {
    const plan = planOf(
      { before: null, after: { tags: { 'the-secret-key': 1 } }, importing: { id: 'the-secret-key' } },
      {
        variables: { s: { value: 'the-secret-key' } },
        configuration: { root_module: { variables: { s: { sensitive: true } } } },
      },
    );
    expect(JSON.stringify(redactPlan(plan))).not.toContain('the-secret-key');
  });

  test('hides defaults of sensitive variables, also those of modules', () => {
    const declared = (value: string) => ({ variables: { s: { sensitive: true, default: value } } });
    const plan = planOf(
      { before: null, after: { a: 'root-default', b: 'module-default' } },
      {
        configuration: {
          root_module: {
            ...declared('root-default'),
            module_calls: { m: { module: declared('module-default') } },
          },
        },
      },
    );
    expect(only(redactPlan(plan)).after).toEqual({ a: '(sensitive value)', b: '(sensitive value)' });
  });

  test('shows numbers exactly, as text where JavaScript has no such number', () => {
    const plan = planOf({ before: null, after: { n: 1 } }, {}, (text) =>
      text.replace('"n":1', '"n":9007199254740993,"m":0.5'),
    );
    expect(only(redactPlan(plan)).after).toEqual({ n: '9007199254740993', m: 0.5 });
  });

  test('keeps nulls in lists, and values that change their shape', () => {
    const plan = planOf({ before: { a: [1, null, 'x'], b: { c: 1 } }, after: { a: [null, 2], b: ['c'] } });
    expect(only(redactPlan(plan))).toMatchObject({
      before: { a: [1, null, 'x'], b: { c: 1 } },
      after: { a: [null, 2], b: ['c'] },
    });
  });

  test('names the parts it does not know', () => {
    const rest = { action_invocations: [{ address: 'action.x' }], deferred_changes: [], complete: false };
    expect(redactPlan(planOf({}, rest)).hidden).toEqual(['action_invocations', 'complete']);
  });
});

describe('rules can ask', () => {
  const plan = planOf(
    {
      actions: ['create'],
      before: null,
      after: { tags: { Env: 'prod' }, password: 'hunter2-hunter2' },
      after_unknown: { id: true, tags: { Owner: true } },
      after_sensitive: { password: true },
    },
    { resource_drift: [resourceOf({ before: { a: 1 }, after: { a: 2 } })] },
  );
  const resource = only(redactPlan(plan));

  test('whether an attribute is known', () => {
    expect(isUnknownAt(resource, ['id'])).toBe(true);
    expect(isUnknownAt(resource, ['tags', 'Owner'])).toBe(true);
    expect(isUnknownAt(resource, ['tags'])).toBe(true);
    expect(isUnknownAt(resource, ['id', 'deeper'])).toBe(true);
    expect(isUnknownAt(resource, ['tags', 'Env'])).toBe(false);
    expect(resource.after).toMatchObject({
      id: '(known after apply)',
      tags: { Env: 'prod', Owner: '(known after apply)' },
    });
  });

  test('whether it is hidden', () => {
    expect(isSensitiveAt(resource, ['password'])).toBe(true);
    expect(isSensitiveAt(resource, ['tags'])).toBe(false);
  });

  test('what changed outside of terraform', () => {
    expect(redactPlan(plan).drift).toMatchObject([{ address: 'thing.x', before: { a: 1 }, after: { a: 2 } }]);
  });
});
