import { describe, expect, test } from 'vitest';
import { redactPlan } from '#domain/plan/redact.ts';
import { attributeName, renderPlan, totals } from '#domain/plan/render.ts';
import { hasChanges, summarizePlan } from '#domain/plan/summarize.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { planOf, recordedPlan } from './plans.ts';

const summaryOf = (plan: Plan) => summarizePlan(redactPlan(plan));

describe('a summary', () => {
  test('counts by what would be done', () => {
    expect(summaryOf(recordedPlan()).counts).toEqual({
      create: 1,
      update: 2,
      delete: 1,
      replace: 1,
      forget: 1,
      import: 1,
      move: 1,
      outputs: 2,
    });
  });

  test('lists only resources that something happens to', () => {
    const listed = summaryOf(recordedPlan()).resources.map(({ address, verb }) => [address, verb]);
    expect(listed).toEqual([
      ['terraform_data.forgotten', 'forget'],
      ['terraform_data.fresh', 'create'],
      ['terraform_data.gone', 'delete'],
      ['terraform_data.imp', 'no-op'],
      ['terraform_data.new', 'update'],
      ['terraform_data.repl', 'replace'],
      ['module.m.terraform_data.inner', 'update'],
    ]);
  });

  test('lists what of a resource changes, each value with its place', () => {
    const updated = summaryOf(recordedPlan()).resources.find(({ name }) => name === 'new');
    expect(updated).toMatchObject({ previousAddress: 'terraform_data.old' });
    expect(updated?.changes.map(({ path }) => attributeName(path))).toEqual([
      'input.n',
      'input.name',
      'output',
    ]);
  });

  test('shows a hidden value that changes, and not one that stays', () => {
    const { resources, outputs } = summaryOf(recordedPlan());
    const paths = resources.flatMap(({ changes }) =>
      changes.filter(({ sensitive }) => sensitive).map(({ path }) => path),
    );
    expect(paths).toEqual([['input', 'pw']]);
    expect(outputs.find(({ name }) => name === 'sec')?.changes).toMatchObject([{ sensitive: true }]);
  });

  test('says what forces a replacement, and that the new one comes first', () => {
    const replaced = summaryOf(recordedPlan()).resources.find(({ verb }) => verb === 'replace');
    expect(replaced).toMatchObject({ createFirst: true, reason: 'replace because cannot update' });
    expect(
      replaced?.changes.filter(({ forcesReplacement }) => forcesReplacement).map(({ path }) => path),
    ).toEqual([['triggers_replace', 0]]);
  });
});

describe('a plan has changes', () => {
  const noop = { actions: ['no-op'], before: { a: 1 }, after: { a: 1 } };
  test.each([
    ['when nothing happens to any resource', planOf(noop), false],
    ['when something is only read', planOf({ ...noop, actions: ['read'] }), false],
    ['when a resource is imported as it is', planOf({ ...noop, importing: { id: 'x' } }), true],
    ['when a resource is forgotten', planOf({ ...noop, actions: ['forget'] }), true],
    ['when it does what nobody has heard of', planOf({ ...noop, actions: ['transmute'] }), true],
    ['when a part of it is not shown', planOf(noop, { action_invocations: [{}] }), true],
    [
      'when an output changes',
      planOf(noop, {
        output_changes: {
          o: { actions: ['create'], before: null, after: 1, before_sensitive: false, after_sensitive: false },
        },
      }),
      true,
    ],
  ])('%s', (_when, plan, expected) => {
    expect(hasChanges(summaryOf(plan))).toBe(expected);
  });
});

describe('the text of a plan', () => {
  test('reads like terraform and holds no secret', () => {
    expect(
      renderPlan(summaryOf(recordedPlan())).replaceAll(
        /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gu,
        '<id>',
      ),
    ).toMatchSnapshot();
  });

  test('says so when there is nothing to do', () => {
    expect(totals(summaryOf(planOf({ actions: ['no-op'] })))).toBe('No changes.');
  });

  test('shows control and bidirectional characters as what they are', () => {
    const nasty = '\u001B[31m/merge\u202Etxt\n@all```';
    const text = renderPlan(summaryOf(planOf({ before: null, after: { a: nasty }, actions: ['create'] })));
    expect(text).toContain('"\\u001b[31m/merge\\u{202e}txt\\n@all```"');
    expect(text).not.toContain('\u001B');
    expect(text).not.toContain('\u202E');
  });

  test('names attributes as one writes them', () => {
    expect(attributeName(['tags', 'my key', 'a', 0, 'from_port'])).toBe('tags["my key"].a[0].from_port');
    expect(attributeName(['tags', 'say "hi"'])).toBe('tags["say \\"hi\\""]');
  });
});
