import { describe, expect, test } from 'vitest';
import type { Change, Verdict } from '#domain/change.ts';
import type { Project, ProjectStatus } from '#domain/project.ts';
import { summaryNote } from '#messages/summary-note.ts';
import {
  approvedBy,
  model,
  openTicket,
  planModel,
  project,
  resource,
  sampleChange,
} from './sample-change.ts';

const EVERY_STATUS: ProjectStatus[] = [
  'opening-ticket',
  'held',
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

  test('of a rejected change says who rejected it', () => {
    const tupleHash = 'e'.repeat(64);
    const { decider, ...heard } = approvedBy('adam', 'Adam as he was called then', 'network');
    const rejectedBy = (verdict: Verdict) => {
      const ticket = openTicket({ review: { status: 'rejected', round: 1, tupleHash, verdict } });
      const projects = [project('fin/prod/network', 'rejected')];
      return summaryNote(model(sampleChange({ ticket, projects })));
    };
    const verdict: Verdict = { ...heard, decision: 'rejected' };
    expect(rejectedBy(verdict)).toContain('Adam Approver rejected this on [CHG-12]');
    expect(rejectedBy({ ...verdict, ...(decider && { decider }) })).toContain(
      'Adam as he was called then rejected this',
    );
    expect(rejectedBy({ ...verdict, account: 'nobody-known' })).toContain('nobody-known rejected this');
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

  test('tells moved, imported, forgotten and read resources as such', async () => {
    const moved = { ...resource('terraform_data.moved', 'no-op'), previousAddress: 'terraform_data.old' };
    const imported = { ...resource('terraform_data.imported', 'no-op'), importing: { id: 'i-1' } };
    const resources = [
      resource('data.thing', 'read'),
      moved,
      imported,
      resource('terraform_data.forgotten', 'forget'),
    ];
    const plan = planModel('fin/prod/network', resources);
    const counts = { ...plan.summary.counts, move: 1, import: 1, forget: 1, outputs: 2 };
    const told = { ...plan, summary: { ...plan.summary, counts } };
    const only = project('fin/prod/network', 'awaiting-approval');
    const counted = { ...only, plan: { ...('plan' in only ? only.plan : {}), counts } } as typeof only;
    const change = sampleChange({ projects: [counted] });
    const shown = summaryNote({ ...model(change), plans: new Map([['fin/prod/network', told]]) });
    await expect(shown).toMatchFileSnapshot('snapshots/note-moves.md');
  });

  test('folds away apart what differs in volatile tags only', async () => {
    const value = { sensitive: false, unknown: false, forcesReplacement: false };
    const stamp = { ...value, path: ['tags', 'LastApplied'], before: 'Monday', after: 'Tuesday' };
    const resources = [
      ...Array.from({ length: 3 }, (_, n) => resource(`terraform_data.quiet${n}`, 'update', [stamp])),
      resource('terraform_data.news', 'update', [stamp, { ...value, path: ['size'], before: 1, after: 2 }]),
    ];
    const change = sampleChange({ projects: [project('fin/prod/network', 'awaiting-approval')] });
    const plans = new Map([['fin/prod/network', planModel('fin/prod/network', resources)]]);
    const telling = { leavesOutUnchanged: false, volatile: ['tags.LastApplied'] };
    await expect(summaryNote({ ...model(change), plans, telling })).toMatchFileSnapshot(
      'snapshots/note-noise.md',
    );
  });

  test('keeps what terraform warned of', async () => {
    const warning = {
      severity: 'warning',
      summary: 'Argument is deprecated',
      detail: 'Use name_prefix instead.',
      file: 'main.tf',
      line: 4,
      code: '  prefix = "a"',
    } as const;
    const change = sampleChange({ projects: [project('fin/prod/network', 'awaiting-approval')] });
    const diagnostics = new Map([['fin/prod/network', [warning]]]);
    await expect(summaryNote({ ...model(change), diagnostics })).toMatchFileSnapshot(
      'snapshots/note-warning.md',
    );
  });

  test('of waves says what is a forecast', async () => {
    const change = sampleChange({ projects: wavesWith('awaiting-approval') });
    await expect(summaryNote(model(change))).toMatchFileSnapshot('snapshots/note-waves.md');
  });

  test('of a later wave says what is applied and what comes next', () => {
    const [first, ...later] = wavesWith('planning');
    const applied = { ...project('fin/prod/network', 'applied'), wave: 0 };
    const change = sampleChange({ wave: 1, projects: [applied, ...later] });
    expect(first?.wave).toBe(0);
    expect(summaryNote(model(change)).split('\n')[0]).toBe(
      '**Wave 1 of 3 is applied.** `fin/prod/dns` is planned again on its results. If the plan is the one that was approved, it goes on by itself; if not, the ticket goes back to review with the difference.',
    );
  });

  test('of a plan that nobody could make yet does not call that a failure of the change', () => {
    const blind = { ...project('fin/prod/dns', 'plan-failed'), wave: 1 };
    const change = sampleChange({ projects: [project('fin/prod/network', 'awaiting-approval'), blind] });
    const shown = summaryNote(model(change));
    expect(shown).toContain('**Waiting for approval.**');
    expect(shown).toContain('no forecast yet');
    expect(shown).not.toContain('The plan of');
  });

  test('says which commands wait for their turn', () => {
    const by = { gitlabId: 5, username: 'olga', accessLevel: 40, roles: ['planner'] };
    const change = sampleChange({
      projects: [project('fin/prod/network', 'planning')],
      waiting: [{ noteId: 9, by, command: { verb: 'apply' } }],
    });
    expect(summaryNote(model(change))).toContain('Waiting for their turn: `countersign apply` of olga.');
  });

  test('names every place of a broken configuration', () => {
    const problems = [
      { place: 'countersign.yaml:3:5', what: 'unknown key dirr, did you mean dir?' },
      { place: 'countersign.yaml:9:1', what: 'the projects a and b wait for each other' },
    ];
    const notAdmitted = { code: 'configuration', reason: 'it is broken', headSha: '', problems };
    const shown = summaryNote(model(sampleChange({ projects: [], notAdmitted })));
    expect(shown).toContain(
      '- `countersign.yaml:3:5`: unknown key dirr, did you mean dir?\n- `countersign.yaml:9:1`: the',
    );
  });

  test('leaves projects without changes out of the table where the repository wants it quiet', () => {
    const quiet = sampleChange({
      projects: [project('a', 'no-changes'), project('b', 'awaiting-approval'), project('c', 'no-changes')],
    });
    const telling = { leavesOutUnchanged: true, volatile: [] };
    const shown = summaryNote({ ...model(quiet), telling });
    expect(shown).toContain('2 projects without changes are left out.');
    expect(shown).not.toContain('`a`');
  });
});

/** Three projects that follow on each other; the first in that status. */
function wavesWith(status: ProjectStatus): Project[] {
  return [
    { ...project('fin/prod/network', status), wave: 0 },
    { ...project('fin/prod/dns', status), wave: 1, after: ['fin/prod/network'] },
    { ...project('fin/prod/app', 'awaiting-approval'), wave: 2, after: ['fin/prod/dns'] },
  ];
}

/** What holds around projects of that status in a change that really got there. */
function surroundings(status: ProjectStatus): Partial<Change> {
  const tag = { tag: 'release/CHG-12', sha: '4f2d9c0b7a1e5d3c8f6b2a9e0d7c4b1a3e5f7d9c' };
  const done = { release: { status: 'tagged', ...tag, at: '2026-11-01T11:00:00Z' } } as const;
  switch (status) {
    case 'opening-ticket':
      return { ticket: { status: 'opening', number: 1 } };
    case 'held':
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
