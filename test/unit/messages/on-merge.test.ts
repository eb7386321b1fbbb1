import { describe, expect, test } from 'vitest';
import { commitStatus } from '#messages/commit-status.ts';
import { verdictLine } from '#messages/verdict-line.ts';
import { nextStep } from '#views/next-step.ts';
import { project, sampleChange } from './sample-change.ts';

describe('a change that is applied on its merge', () => {
  const change = sampleChange({ projects: [project('net', 'ready', { applyOn: 'merge' })] });

  test('asks people to merge it, and its status does not keep them from that', () => {
    expect(verdictLine({ change, people: [] })).toMatch(
      /^\*\*Ready to merge\.\*\*.* Merge this, and `net` is applied/,
    );
    expect(commitStatus(change)).toEqual({
      state: 'success',
      description: 'Approved: it is applied when it is merged',
    });
    expect(nextStep(change)).toMatchObject({ who: 'requester', tone: 'waiting' });
  });

  test('asks an operator as long as another project waits for a command', () => {
    const mixed = sampleChange({ projects: [...change.projects, project('prod', 'ready')] });
    expect(verdictLine({ change: mixed, people: [] })).toMatch(/countersign apply/);
    expect(commitStatus(mixed).state).toBe('running');
  });
});

test('where people merge themselves they are asked to, once it is applied and tagged', () => {
  const { revision } = sampleChange();
  if (revision === undefined) throw new Error('the sample has a revision');
  const change = sampleChange({
    revision: { ...revision, mergeAfterApply: false },
    projects: [project('net', 'released')],
  });
  expect(verdictLine({ change, people: [] })).toMatch(/Merging it is up to you/);
  expect(nextStep(change)).toMatchObject({
    who: 'requester',
    what: 'Applied and tagged. Merge the merge request.',
  });
});
