import { describe, expect, test } from 'vitest';
import { planUnchanged } from '#domain/gates/plan-unchanged.ts';
import { base } from '#domain/lifecycle/step.ts';
import type { Project } from '#domain/project.ts';
import { situation } from './evidence.ts';

/** The approved project beside a neighbour of that wave that has no plan. */
function beside(wave: number, status: 'plan-failed' | 'planning') {
  const { subject, change, project } = situation();
  const [first] = subject.change.projects;
  if (first === undefined) throw new Error('the situation has no project');
  const target = { ...base(first), key: 'other', wave, planRunId: 'c1.p9' };
  const neighbour: Project =
    status === 'planning' ? { ...target, status } : { ...target, status, reason: 'no such subnet' };
  subject.change = { ...subject.change, projects: [first, neighbour] };
  return planUnchanged(subject, change, project);
}

describe('plan-unchanged', () => {
  test('a forecast that cannot be planned yet was approved with nothing, so nothing of it is missing', () => {
    expect(beside(1, 'plan-failed').answer).toBe('yes');
  });

  test('what is being planned is not known, and a failed plan of the same wave is missing', () => {
    expect(beside(1, 'planning').answer).toBe('unknown');
    expect(beside(0, 'plan-failed').answer).toBe('unknown');
  });
});
