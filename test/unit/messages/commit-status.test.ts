import { expect, test } from 'vitest';
import type { ProjectStatus } from '#domain/project.ts';
import { commitStatus } from '#messages/commit-status.ts';
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
