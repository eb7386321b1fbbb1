import { describe, expect, test } from 'vitest';
import type { Change, Verdict } from '#domain/change.ts';
import { DEFAULT_DEMAND, type Demand } from '#domain/demand.ts';
import type { Project, ProjectStatus } from '#domain/project.ts';
import { nextStep } from '#views/next-step.ts';
import { approvedBy, openTicket, project as sampleProject } from '#test/unit/messages/sample-change.ts';
import { tier } from '#web/parts/tier.ts';
import { aChange, aProject } from '#test/integration/http/change-fixture.ts';

const project = (status: ProjectStatus, key = 'fin/dns', parts: object = {}): Project =>
  aProject('c1', key, { status, reason: 'the reason', reasons: [], ...parts });

const step = (projects: Project[], parts: Partial<Change> = {}) =>
  nextStep(aChange(1, { projects, ...parts }));

describe('the next step of a change', () => {
  test.each<[ProjectStatus, string, string]>([
    ['opening-ticket', 'Countersign', 'working'],
    ['planning', 'Countersign', 'working'],
    ['plan-failed', 'requester', 'attention'],
    ['no-changes', 'nobody', 'over'],
    ['awaiting-approval', 'approver', 'waiting'],
    ['rejected', 'requester', 'attention'],
    ['expired', 'requester', 'attention'],
    ['gating', 'Countersign', 'working'],
    ['blocked', 'requester', 'attention'],
    ['ready', 'operator', 'waiting'],
    ['applying', 'Countersign', 'working'],
    ['applied', 'Countersign', 'working'],
    ['apply-failed', 'operator', 'attention'],
    ['apply-interrupted', 'operator', 'attention'],
    ['released', 'Countersign', 'working'],
    ['applied-unmerged', 'requester', 'attention'],
    ['merged', 'nobody', 'over'],
    ['cancelled', 'nobody', 'over'],
    ['closed', 'nobody', 'over'],
  ])('that is %s is for: %s', (status, who, tone) => {
    expect(step([project(status)])).toMatchObject({ who, tone });
  });

  test('is what a person must repair, before what anybody waits for', () => {
    expect(step([project('merged'), project('ready'), project('apply-interrupted', 'fin/core')]).what).toBe(
      'Find out what became of fin/core, then comment “countersign resolve”.',
    );
  });

  test('tells what the first closed gate asks for, and how many more are closed', () => {
    const reasons = [
      { gate: 'a', answer: 'no', reason: 'diverged', remedy: 'Rebase' },
      { gate: 'b', answer: 'unknown', reason: 'x', remedy: 'y' },
    ];
    expect(step([project('blocked', 'fin/dns', { reasons })]).what).toBe('Rebase (and 1 more)');
  });

  test('says why nothing is planned', () => {
    const notAdmitted = { code: 'fork', reason: 'it comes from a fork', headSha: 'x' };
    expect(step([], { notAdmitted })).toMatchObject({
      who: 'requester',
      what: 'No plan is made: it comes from a fork',
    });
  });

  test('is nothing once the merge request is over', () => {
    expect(step([project('ready')], { merge: { status: 'closed', at: 'x' } }).tone).toBe('over');
  });

  test('names the groups that are still to approve, by the gravest of its plans', () => {
    const steps = (...from: string[][]) => from.map((each) => ({ id: each.join(), from: each, count: 1 }));
    const light = planned('a', { ...DEFAULT_DEMAND });
    const grave = planned('b', {
      ...DEFAULT_DEMAND,
      tier: 'grave',
      rank: 1,
      inOrder: true,
      approvals: steps(['network', 'cloud'], ['security']),
    });
    const asked = (given: readonly Verdict[]) =>
      step([light, grave], { ticket: openTicket({ review: { ...IN_REVIEW, given } }) }).what;
    expect(asked([])).toBe(
      'Review the plan and move CHG-12 to Approved or Rejected; it waits for 1 of network or cloud, then 1 of security.',
    );
    expect(asked([approvedBy('nora', 'Nora Network', 'network')])).toContain('; it waits for 1 of security.');
  });

  test('names nobody where any approver will do', () => {
    const { what } = step([planned('a', DEFAULT_DEMAND)], { ticket: openTicket({ review: IN_REVIEW }) });
    expect(what).toBe('Review the plan and move CHG-12 to Approved or Rejected.');
  });
});

test('a project shows the tier that the whole change goes by, beside its own', () => {
  const own = { ...DEFAULT_DEMAND, reasons: ['it is small'] };
  const approvals = [{ id: 'security', from: ['security'], count: 2 }];
  const whole = { ...DEFAULT_DEMAND, tier: 'grave', rank: 1, approvals };
  expect(String(tier(own, whole))).toMatch(
    /normal<\/strong>; the change as a whole is <strong>grave<\/strong> · takes the approval of 2 of security</,
  );
  expect(String(tier(own, own))).not.toContain('as a whole');
});

const IN_REVIEW = {
  status: 'in-review',
  round: 1,
  tupleHash: 'e'.repeat(64),
  moveId: '10001',
  given: [],
  since: '2026-11-01T10:05:00Z',
} as const;

const planned = (key: string, demand: Demand): Project =>
  sampleProject(key, 'awaiting-approval', { plan: { demand } });
