import { expect, test } from 'vitest';
import { differenceBlocks } from '#messages/ticket-difference.ts';
import { planModel, project, resource, sampleChange } from '#test/unit/messages/sample-change.ts';
import { compareWithApproved } from '../../../workers/compare-plans.ts';

const summaryOf = (...resources: ReturnType<typeof resource>[]) => planModel('x', resources).summary;
const grown = resource('terraform_data.disk', 'update');
const past = (of: string, approvedAt?: string) => ({
  planRunId: `past of ${of}`,
  project: of,
  digest: 'approved',
  summary: summaryOf(grown),
  approvedAt,
  plannedAt: '2026-11-01T09:00:00Z',
  revision: 1,
});

const APPROVED_AT = '2026-11-01T10:00:00Z';

/** Of four projects three were approved; since then one went quiet, one went away, and one is as it was. */
function books() {
  const all = ['same', 'quiet', 'gone'].map((key) => past(key, APPROVED_AT));
  return {
    ledger: {
      pastPlans: async (_: string, present: ReadonlyMap<string, string>) =>
        [...all, past('never')].filter((each) => present.has(each.project)),
      approvedPlans: async () => all,
      toldPlans: async (ids: readonly string[]) =>
        ids.map((id) => ({
          id,
          digest: id === 'run_same' ? 'approved' : 'another',
          summary: id === 'run_quiet' || id === 'run_never' ? summaryOf() : summaryOf(grown),
        })),
    },
  } as unknown as Parameters<typeof compareWithApproved>[0];
}

test('since the approval is told what went quiet and what is gone, and not what was quiet all along', async () => {
  const planned = project('same', 'awaiting-approval');
  const change = sampleChange({
    projects: [
      'plan' in planned ? { ...planned, plan: { ...planned.plan, planRunId: 'run_same' } } : planned,
      project('quiet', 'no-changes', { planRunId: 'run_quiet' }),
      project('never', 'no-changes', { planRunId: 'run_never' }),
    ],
  });
  const compared = await compareWithApproved(books(), change);
  expect(compared.map(({ key }) => key)).toEqual(['same', 'quiet', 'gone']);
  const text = JSON.stringify(differenceBlocks(compared, 10_000));
  expect(text).toContain('What changed since it was approved');
  expect(text).not.toContain('"same"');
  expect(text).toContain('was approved in revision 1 and is no part of this change any more');
  expect(text.match(/terraform_data\.disk: no longer in the plan/g)).toHaveLength(2);
});
