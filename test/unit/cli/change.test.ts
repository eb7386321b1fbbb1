import { Command } from 'commander';
import { expect, test } from 'vitest';
import { registerChangeCommands } from '#cli/change.ts';
import type { Evidence } from '#views/evidence/schema.ts';
import type { ChangeView } from '#views/show-change.ts';

test('a change shows where its ticket is and what comes next', async () => {
  const lines = await shown({ who: 'approver', what: 'Review the plan.', tone: 'waiting' });
  expect(lines).toContain('ticket         https://jira.test/browse/CHG-12');
  expect(lines).toContain('next           approver: Review the plan.');
});

test('of a change that is over nobody has anything to do', async () => {
  const lines = await shown({ who: 'nobody', what: 'Merged. Nothing is left to do.', tone: 'over' });
  expect(lines).toContain('next           Merged. Nothing is left to do.');
});

async function shown(nextStep: ChangeView['nextStep']): Promise<string[]> {
  const lines: string[] = [];
  const program = new Command();
  const ticket = { key: 'CHG-12', url: 'https://jira.test/browse/CHG-12', status: 'in-review' };
  // As much of either as the few lines are made from.
  const change = { nextStep, ticket } as unknown as ChangeView;
  registerChangeCommands(program, {
    open: async () => ({
      views: {
        findChangeByApproval: async () => 'chg_1',
        showChange: async () => change,
        showEvidence: async () => RECORD,
      },
      recordRead: async () => undefined,
      close: async () => undefined,
    }),
    operator: 'olga',
    print: (line) => lines.push(line),
    setExitCode: () => undefined,
  });
  await program.parseAsync(['change', 'show', 'CHG-12'], { from: 'user' });
  return lines;
}

const RECORD = {
  identity: {
    changeId: 'chg_1',
    approvalId: 'CHG-12',
    status: 'awaiting-approval',
    type: 'normal',
    tier: 'normal',
    mergeRequest: { url: 'https://gitlab.test/fin/infra/-/merge_requests/12' },
  },
  what: { plans: [] },
  who: { requester: { username: 'mara' }, approvers: [] },
  decision: { decisions: [] },
  execution: { attempts: [] },
  after: { audit: { entries: [] } },
} as unknown as Evidence;
