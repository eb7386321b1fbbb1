import { describe, expect, test } from 'vitest';
import { GATES } from '#domain/gates/evaluate-gates.ts';
import type { GateResult } from '#domain/gates/evidence.ts';
import { comparePlans } from '#domain/plan/compare.ts';
import type { Change } from '#domain/change.ts';
import type { ChangeModel } from '#messages/note-model.ts';
import { type Answer, questionReply } from '#messages/question-reply.ts';
import { model, planModel, project, resource, sampleChange } from './sample-change.ts';

const NETWORK = 'fin/prod/network';
const DEV = 'biz/dev/network';

describe('the answer to status', () => {
  test('is the verdict and the table of the projects that were asked about', async () => {
    const shown = reply({ question: 'status' }, sampleChange(), [NETWORK]);
    await expect(shown).toMatchFileSnapshot('snapshots/answer-status.md');
  });
});

describe('the answer to why', () => {
  test('names every gate, what was found, and who can clear it', async () => {
    const gates = new Map([
      [NETWORK, results({ 'four-eyes': 'no', 'pipeline-passed': 'unknown' })],
      [DEV, results({})],
    ]);
    const change = sampleChange({ projects: [project(NETWORK, 'blocked'), project(DEV, 'ready')] });
    await expect(reply({ question: 'why', gates }, change)).toMatchFileSnapshot('snapshots/answer-why.md');
  });

  test('sends whoever asks to the ticket while nobody has approved', () => {
    const gates = new Map([[NETWORK, results({ 'ticket-approved': 'no' })]]);
    const change = sampleChange({ projects: [project(NETWORK, 'awaiting-approval')] });
    expect(reply({ question: 'why', gates }, change)).toContain(
      'Next: [CHG-12](https://jira.test/browse/CHG-12) waits for an approver (Adam Approver, Nora Network or Sam Secure).',
    );
  });

  test('says what is missing first where there is nothing to judge yet', () => {
    const change = sampleChange({
      projects: [
        project('a', 'planning'),
        project('b', 'plan-failed'),
        project('c', 'no-changes'),
        project('d', 'held'),
        { ...project('e', 'awaiting-approval'), wave: 1 },
      ],
    });
    const shown = reply({ question: 'why', gates: new Map() }, change);
    expect(shown).toContain('`a`: its plan is being made');
    expect(shown).toContain(
      '`b`: it has no plan, since the plan failed; push a fix, or comment `countersign plan`',
    );
    expect(shown).toContain('`c`: its plan changes nothing');
    expect(shown).toContain('`d`: it waits for merge request 9, which holds d.');
    expect(shown).toContain('`e`: its plan is a forecast: it is planned again once wave 1 is applied');
  });

  test('of many projects stays within its bounds and tells every one', () => {
    const keys = Array.from({ length: 60 }, (_, n) => `team/dev/p${n}`);
    const change = sampleChange({ projects: keys.map((key) => project(key, 'blocked')) });
    const gates = new Map(keys.map((key) => [key, results({ 'four-eyes': 'no', mergeable: 'no' })]));
    const shown = reply({ question: 'why', gates }, change);
    expect(shown.length).toBeLessThan(31_000);
    for (const key of keys) expect(shown).toContain(`\`${key}\``);
    expect(shown).toContain('There is more [on the change’s page]');
  });
});

describe('the answer to diff', () => {
  const base = { isApproved: true, at: '2026-11-01T10:00:00.000Z', revision: 1 };

  test('tells resource by resource what is not as it was approved', async () => {
    const before = planModel(NETWORK, [resource('terraform_data.old', 'delete'), sized(1)]);
    const after = planModel(NETWORK, [sized(2), resource('terraform_data.new', 'create')]);
    const difference = comparePlans({ ...before, digest: 'd1' }, { ...after, digest: 'd2' });
    const comparisons = [
      { key: NETWORK, hasPlan: true, base, difference },
      { key: DEV, hasPlan: true, base: { ...base, isApproved: false }, difference: same('d3', 'd3') },
    ];
    await expect(reply({ question: 'diff', comparisons }, sampleChange())).toMatchFileSnapshot(
      'snapshots/answer-diff.md',
    );
  });

  test('calls nothing equal that only looks alike', () => {
    const comparisons = [{ key: NETWORK, hasPlan: true, base, difference: same('d1', 'd2') }];
    expect(reply({ question: 'diff', comparisons }, sampleChange())).toContain('but is not equal to it');
  });

  test('says so when there is nothing to compare', () => {
    const comparisons = [
      { key: NETWORK, hasPlan: true },
      { key: DEV, hasPlan: false },
    ];
    const shown = reply({ question: 'diff', comparisons }, sampleChange());
    expect(shown).toContain(`\`${NETWORK}\`: this is its first plan`);
    expect(shown).toContain(`\`${DEV}\`: has no plan at present`);
  });
});

test('the answer to version names Countersign’s own and each project’s', () => {
  const binaries = new Map([
    [NETWORK, 'terraform 1.11.4'],
    [DEV, 'tofu 1.9.0'],
  ]);
  const shown = reply({ question: 'version', countersign: '1.2.3', binaries }, sampleChange());
  expect(shown).toContain('Countersign `1.2.3`');
  expect(shown).toContain(`| \`${DEV}\` | \`tofu 1.9.0\` |`);
});

function reply(answer: Answer, change: Change, keys = change.projects.map(({ key }) => key)): string {
  const about: ChangeModel = model(change);
  return questionReply(answer, keys, about);
}

function results(others: Partial<Record<keyof typeof GATES, GateResult['answer']>>): GateResult[] {
  return (Object.keys(GATES) as (keyof typeof GATES)[]).map((gate) => {
    const answer = others[gate] ?? 'yes';
    return {
      gate,
      answer,
      reason: answer === 'yes' ? 'it is as it should be' : 'mara | wrote a commit of this change',
      remedy: answer === 'yes' ? '' : 'comment `countersign resolve x applied|not-applied REASON`',
      evidence: {},
    };
  });
}

function sized(size: number) {
  const value = { sensitive: false, unknown: false, forcesReplacement: false };
  return resource('terraform_data.disk', 'update', [{ ...value, path: ['size'], before: 0, after: size }]);
}

function same(before: string, after: string) {
  const { summary } = planModel(NETWORK, [sized(1)]);
  return comparePlans({ digest: before, summary }, { digest: after, summary });
}
