import { describe, expect, test } from 'vitest';
import type { Change } from '#domain/change.ts';
import type { ProjectStatus } from '#domain/project.ts';
import { summaryNote } from '#messages/summary-note.ts';
import { model, openTicket, planModel, project, resource, sampleChange } from './sample-change.ts';

const EVERY_STATUS: ProjectStatus[] = [
  'opening-ticket',
  'planning',
  'plan-failed',
  'no-changes',
  'awaiting-approval',
  'rejected',
  'expired',
  'gating',
  'blocked',
  'ready',
  'applying',
  'applied',
  'apply-failed',
  'apply-interrupted',
  'released',
  'applied-unmerged',
  'merged',
  'cancelled',
  'closed',
];

describe('the summary note', () => {
  test.each(EVERY_STATUS)('of a change that is %s', async (status) => {
    const change = sampleChange({
      projects: [project('fin/prod/network', status), project('biz/dev/network', status)],
      ...surroundings(status),
    });
    await expect(summaryNote(model(change))).toMatchFileSnapshot(`snapshots/note-${status}.md`);
  });

  test('of a blocked change stays as it is while the gates are asked again', () => {
    const blocked = sampleChange({ projects: [project('fin/prod/network', 'blocked')] });
    const [before] = blocked.projects;
    if (before?.status !== 'blocked') throw new Error('it is blocked');
    const { reasons: standing, ...rest } = before;
    const again = { ...rest, status: 'gating', purpose: { kind: 'report' }, standing } as const;
    expect(summaryNote(model({ ...blocked, projects: [again] }))).toBe(summaryNote(model(blocked)));
    const { standing: _, ...first } = again;
    expect(summaryNote(model({ ...blocked, projects: [first] }))).toContain('Checking the gates.');
  });

  test('of a change that may not be planned', async () => {
    const change = sampleChange({
      projects: [],
      ticket: { status: 'none', number: 0 },
      notAdmitted: { code: 'fork', reason: 'it comes from the fork @mallory/infra', headSha: 'a'.repeat(40) },
    });
    await expect(summaryNote(model(change))).toMatchFileSnapshot('snapshots/note-not-admitted.md');
  });

  test('shows what a tool printed as it was printed', () => {
    const failed = project('fin/prod/network', 'plan-failed', {
      reason: 'Error: no such module\n\n  on main.tf line 3',
    });
    const shown = summaryNote(model(sampleChange({ projects: [failed] })));
    expect(shown).toContain('failed:\n\n```text\n Error: no such module\n \n  on main.tf line 3\n```');
  });

  test('says why an earlier decision does not count', () => {
    const review = {
      status: 'presenting',
      round: 2,
      tupleHash: 'e'.repeat(64),
      why: 'the approver wrote it',
    } as const;
    const change = sampleChange({ ticket: openTicket({ review }) });
    expect(summaryNote(model(change))).toContain('does not count: The approver wrote it.');
  });

  test('does not show the plan of an earlier version', () => {
    const stale = { ...planModel('fin/prod/network'), digest: '0'.repeat(64) };
    const shown = summaryNote({ ...model(), plans: new Map([['fin/prod/network', stale]]) });
    expect(shown).not.toContain('<details>');
  });

  test('shows what is destroyed and replaced before what is added', () => {
    const shown = summaryNote(model());
    const order = ['old_route', 'peering', 'gateway', 'subnet'].map((name) =>
      shown.indexOf(`_data.${name} `),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
  });

  test('of a hundred projects with large plans stays readable, and names what it leaves out', () => {
    const many = Array.from({ length: 100 }, (_, n) => project(`team/dev/p${n}`, 'awaiting-approval'));
    const resources = Array.from({ length: 300 }, (_, n) => resource(`terraform_data.r${n}`, 'create'));
    const change = sampleChange({ projects: many });
    const plans = new Map(many.map(({ key }) => [key, planModel(key, resources)]));
    const shown = summaryNote({ ...model(change), plans });
    expect(shown.length).toBeLessThanOrEqual(60_000);
    expect(shown).toContain('Not shown here for want of room');
    expect(shown).toContain('| `team/dev/p99` |');
    expect(shown.match(/```diff/g)?.length).toBe(shown.match(/^```$/gm)?.length);
  });
});

/** What holds around projects of that status in a change that really got there. */
function surroundings(status: ProjectStatus): Partial<Change> {
  const tag = { tag: 'release/CHG-12', sha: '4f2d9c0b7a1e5d3c8f6b2a9e0d7c4b1a3e5f7d9c' };
  const done = { release: { status: 'tagged', ...tag, at: '2026-11-01T11:00:00Z' } } as const;
  switch (status) {
    case 'opening-ticket':
      return { ticket: { status: 'opening', number: 1 } };
    case 'planning':
    case 'plan-failed':
    case 'no-changes':
      return { ticket: { status: 'none', number: 0 } };
    case 'released':
    case 'applied-unmerged':
      return done;
    case 'merged':
      return { ...done, merge: { status: 'merged', sha: 'f'.repeat(40), at: '2026-11-01T11:01:00Z' } };
    case 'closed':
      return { merge: { status: 'closed', at: '2026-11-01T11:01:00Z' } };
    case 'awaiting-approval':
    case 'rejected':
    case 'expired':
    case 'gating':
    case 'blocked':
    case 'ready':
    case 'applying':
    case 'applied':
    case 'apply-failed':
    case 'apply-interrupted':
    case 'cancelled':
      return {};
  }
}
