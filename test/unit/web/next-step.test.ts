import { describe, expect, test } from 'vitest';
import type { Change } from '#domain/change.ts';
import type { Project, ProjectStatus } from '#domain/project.ts';
import { nextStep } from '#views/next-step.ts';
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
});
