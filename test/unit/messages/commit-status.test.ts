import { describe, expect, test } from 'vitest';
import type { ProjectStatus } from '#domain/project.ts';
import { commitStatus, projectStatus } from '#messages/commit-status.ts';
import { keepsQuiet } from '#messages/silence.ts';
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
  expect(verdictLine({ change, people: [] })).toMatch(
    /^\*\*Merged without being applied\.\*\* Nothing of `fin\/prod\/network` was/,
  );
});

test('a draft that is planned already says why it is not in review', () => {
  const notAdmitted = { code: 'draft', reason: 'it is a draft', headSha: 'a'.repeat(40) };
  const change = sampleChange({ projects: [project('a', 'awaiting-approval')], notAdmitted });
  expect(verdictLine({ change, people: [] })).toMatch(
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

test('each planned project has a status beside the change’s own, in the same words', () => {
  const states = (['planning', 'awaiting-approval', 'applied', 'plan-failed', 'no-changes'] as const).map(
    (status) => projectStatus(project('a', status))?.state,
  );
  expect(states).toEqual([undefined, 'running', 'success', 'failed', 'success']);
  expect(projectStatus(project('a', 'ready'))).toEqual(projectStatus(project('a', 'blocked')));
});

describe('a repository that wants it quiet', () => {
  const telling = { projectStatuses: false, silence: ['no-projects', 'draft'] as const, volatile: [] };

  test('hears nothing of merge requests that touch no project, nor of drafts', () => {
    expect(keepsQuiet(sampleChange({ projects: [], telling }))).toBe(true);
    const draft = { code: 'draft', reason: 'it is a draft', headSha: 'a'.repeat(40) };
    expect(keepsQuiet(sampleChange({ projects: [], telling, notAdmitted: draft }))).toBe(true);
  });

  test('hears of everything else', () => {
    const fork = { code: 'fork', reason: 'it is a fork', headSha: 'a'.repeat(40) };
    expect(keepsQuiet(sampleChange({ projects: [], telling, notAdmitted: fork }))).toBe(false);
    expect(keepsQuiet(sampleChange({ telling }))).toBe(false);
    expect(keepsQuiet(sampleChange({ projects: [] }))).toBe(false);
  });
});
