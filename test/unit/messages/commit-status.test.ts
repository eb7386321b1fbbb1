import { expect, test } from 'vitest';
import type { ProjectStatus } from '#domain/project.ts';
import { commitStatus } from '#messages/commit-status.ts';
import { verdictLine } from '#messages/verdict-line.ts';
import { project, sampleChange } from './sample-change.ts';

test.each<[ProjectStatus, string]>([
  ['opening-ticket', 'pending'],
  ['planning', 'pending'],
  ['plan-failed', 'failed'],
  ['no-changes', 'success'],
  ['awaiting-approval', 'running'],
  ['rejected', 'failed'],
  ['expired', 'failed'],
  ['gating', 'running'],
  ['blocked', 'running'],
  ['ready', 'running'],
  ['applying', 'running'],
  ['applied', 'success'],
  ['apply-failed', 'failed'],
  ['apply-interrupted', 'failed'],
  ['released', 'success'],
  ['applied-unmerged', 'success'],
  ['merged', 'success'],
  ['cancelled', 'canceled'],
  ['closed', 'canceled'],
])('a change that is %s shows as %s', (status, state) => {
  expect(commitStatus(sampleChange({ projects: [project('a', status)] })).state).toBe(state);
});

test('a merge that did not wait for the apply shows as failed, in the status and in the first line of the note', () => {
  const unapplied = project('fin/prod/network', 'merged', { applied: undefined });
  const change = sampleChange({ projects: [unapplied, project('biz/dev/network', 'merged')] });
  expect(commitStatus(change)).toEqual({ state: 'failed', description: 'Merged without being applied' });
  expect(verdictLine(change)).toMatch(
    /^\*\*Merged without being applied\.\*\* Nothing of `fin\/prod\/network` was/,
  );
});

test('a draft that is planned already says why it is not in review', () => {
  const notAdmitted = { code: 'draft', reason: 'it is a draft', headSha: 'a'.repeat(40) };
  const change = sampleChange({ projects: [project('a', 'awaiting-approval')], notAdmitted });
  expect(verdictLine(change)).toMatch(
    /^\*\*Not in review\.\*\* It is a draft\. Until then nothing is applied/,
  );
  expect(commitStatus(change).state).toBe('running');
});

test('all running states have the same words, since GitLab keeps the first', () => {
  const running: ProjectStatus[] = ['awaiting-approval', 'gating', 'blocked', 'ready', 'applying'];
  const texts = running.map(
    (status) => commitStatus(sampleChange({ projects: [project('a', status)] })).description,
  );
  expect(new Set(texts).size).toBe(1);
});

test('the description is one line of at most 255 characters, whatever the reason', () => {
  const notAdmitted = { code: 'fork', reason: `x\n/merge ${'y'.repeat(500)}`, headSha: 'a'.repeat(40) };
  const { state, description } = commitStatus(sampleChange({ projects: [], notAdmitted }));
  expect(state).toBe('failed');
  expect(description.length).toBe(255);
  expect(description).not.toContain('\n');
});

test('a draft waits; it has not failed', () => {
  const notAdmitted = { code: 'draft', reason: 'it is a draft', headSha: 'a'.repeat(40) };
  expect(commitStatus(sampleChange({ projects: [], notAdmitted })).state).toBe('pending');
});

test('one applied in part is not shown as applied', () => {
  const projects = [project('a', 'applied'), project('b', 'apply-failed')];
  expect(commitStatus(sampleChange({ projects })).state).toBe('failed');
});
