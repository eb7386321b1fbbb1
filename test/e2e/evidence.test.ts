import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jiraAs, reader } from '#test/sandbox/house/actors.ts';
import { post } from '#test/sandbox/house/http.ts';
import { evidenceRecord, isRecord } from '#test/support/evidence-record.ts';
import { logTells, onApproval, onCommand, oneSubnet, quiet, ticketSays } from '#test/support/refusals.ts';
import { openStory, type Story, subnet, until } from '#test/support/story.ts';

let story: Story;
let get: Awaited<ReturnType<typeof reader>>['get'];
beforeAll(async () => {
  story = await openStory({ sweepSeconds: 1, groups: { olga: ['on-call'] } });
  ({ get } = await reader(story));
}, 60_000);
afterAll(() => story?.close());

/** As much of a record as this story looks at. */
interface Evidence {
  identity: Record<string, unknown> & { projects: object[] };
  why: object;
  what: { revision: object; plans: Record<string, unknown>[] };
  checks: object[];
  gates: { go: boolean; results: { gate: string }[] }[];
  who: { approvers: object[]; operators: object[]; parts: { part: string }[] };
  decision: {
    kind: string;
    tuple?: { hash: string };
    decisions: { decision: string; counts: boolean; tupleHash: string }[];
    voided: { what: string; why: string }[];
    exclusions: { verdict: string }[];
  };
  execution: { attempts: Record<string, unknown>[]; release?: object };
  after: {
    verifications: { result: { kind: string } }[];
    merge?: object;
    closed?: object;
    audit: { entries: number[]; checkpoint?: { size: number } };
  };
}

/** The record as the change's page gives it, held against the published schema. */
async function evidenceOf(iid: number): Promise<Evidence> {
  const { id } = await story.changeOf(iid);
  const evidence = await get<Evidence>(`/changes/${id}/evidence`);
  isRecord(evidence);
  expect(isRecord.errors).toBeNull();
  return evidence;
}

const WORK_PLAN = `Wider, since we grow.

## Reason
We run out of addresses.

## Impact
None: nothing is in it yet.

## Fall-back
Revert the merge request.

## Window
Any time.
`;

describe('the evidence record of a change', () => {
  test('grows with it: planned, in review, approved, applied, merged, verified', async () => {
    await post(`${story.jiraUrl}/sandbox/stop`, { mode: 'unavailable' });
    await story.erin.push('whole', {
      'fin/prod/whole/main.tf': story.module(
        'fin-prod-whole',
        subnet('first', '10.9.0.0/24').replace('var.approval_id', '"none"'),
      ),
    });
    const { iid } = await story.erin.asked<{ iid: number }>('/merge_requests', 'POST', {
      source_branch: 'whole',
      target_branch: 'main',
      title: 'A network',
      description: WORK_PLAN,
    });
    await story.changeIs(iid, /./);
    await logTells(story, iid, 'plan-run-ended', /"kind":"planned"/);
    const planned = await evidenceOf(iid);
    expect(planned.identity).toMatchObject({
      type: 'normal',
      tier: 'normal',
      projects: [{ key: 'fin/prod/whole', labels: { network: 'fin', env: 'prod' } }],
    });
    expect(planned.why).toMatchObject({
      title: 'A network',
      workPlan: { reason: 'We run out of addresses.', fallBack: 'Revert the merge request.' },
    });
    expect(planned.what).toMatchObject({
      revision: { number: 1, targetBranch: 'main' },
      commitAuthors: ['erin@example.com'],
      committers: ['erin@example.com'],
      pushers: [story.scene.players.erin.gitlab.id],
      plans: [
        {
          project: 'fin/prod/whole',
          counts: { create: 1 },
          replaced: [],
          destroyed: [],
          redactedPlan: { text: expect.stringContaining('terraform_data.first') as string },
          stateBefore: 'none',
        },
      ],
    });
    expect(planned.checks).toMatchObject([{ name: 'no-destroy', result: 'pass' }]);
    expect(planned.decision).toMatchObject({ kind: 'none', decisions: [] });
    expect(planned.identity['approvalId']).toBeUndefined();

    await post(`${story.jiraUrl}/sandbox/heal`, {});
    const key = await story.ticketIs(iid, 'In review');
    const inReview = await evidenceOf(iid);
    expect(inReview.identity['approvalId']).toBe(key);
    expect(inReview.decision.tuple?.hash).toMatch(/^[0-9a-f]{64}$/);

    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    const approved = await evidenceOf(iid);
    expect(approved.decision).toMatchObject({
      kind: 'decided',
      decisions: [{ decision: 'approved', counts: true, tupleHash: inReview.decision.tuple?.hash }],
    });
    expect(approved.who.approvers).toMatchObject([{ person: 'adam', roles: ['approver'] }]);
    expect(approved.decision.exclusions.map(({ verdict }) => verdict)).not.toContain('same person');
    expect(approved.decision.exclusions.length).toBeGreaterThan(0);
    expect(approved.gates).toMatchObject([{ go: true }]);

    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
    await story.ticketIs(iid, 'Done');
    await quiet(story);
    const entries = await story.entries(iid);
    const merged = await evidenceRecord<Evidence>(story, key);
    expect(merged.who.operators).toMatchObject([
      { person: 'olga', verb: 'apply', groups: ['on-call'], refused: false },
    ]);
    expect(merged.execution).toMatchObject({
      attempts: [
        {
          approvalId: key,
          bundleSha256: approved.what.plans[0]?.['bundleSha256'],
          outcome: 'succeeded',
          serialAfter: '1',
          logDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          runner: { isolation: expect.any(String) as string },
        },
      ],
      release: { tag: `release/${key}`, object: expect.stringMatching(/^[0-9a-f]{40}$/) as string },
    });
    expect(merged.after).toMatchObject({
      verifications: [{ result: { kind: 'clean' } }],
      merge: {},
      differingAfterMerge: [],
      closed: { approvalId: key },
    });
    expect(merged.decision.decisions).toEqual(approved.decision.decisions);
    expect(merged.decision.tuple).toEqual(approved.decision.tuple);
    expect(merged.after.audit.entries).toHaveLength(entries.length);
    expect(merged.after.audit.checkpoint?.size).toBeGreaterThan(0);
    // What is missing is missed.
    const without = (...[group, member]: [keyof Evidence, string]) => ({
      ...merged,
      [group]: Object.fromEntries(Object.entries(merged[group]).filter(([name]) => name !== member)),
    });
    for (const lacking of [
      without('decision', 'tuple'),
      without('identity', 'approvalId'),
      without('what', 'revision'),
      { ...merged, gates: [] },
      { ...merged, who: { ...merged.who, approvers: [] } },
      { ...merged, decision: { ...merged.decision, exclusions: [] } },
      { ...merged, decision: { ...merged.decision, kind: 'none' } },
      { ...merged, decision: { ...merged.decision, kind: 'standing' } },
      { ...merged, execution: { ...merged.execution, attempts: [] } },
      { ...merged, what: { ...merged.what, plans: [] } },
    ])
      expect(isRecord(lacking)).toBe(false);
    const { output: told } = await story.cli('change', 'show', key.toLowerCase());
    expect(told).toContain(`${key}: merged; normal change, tier normal`);
    expect(told).toMatch(/approved +by Adam Approver/);
    expect(told).toContain(`release/${key}`);
  });

  test('tells of a decision that did not count, and of a rejection', async () => {
    await story.mia.push('refused', oneSubnet(story, onApproval('refused')));
    const { iid } = await story.mia.open('refused', 'Mia approves what she wrote');
    const key = await story.ticketIs(iid, 'In review');
    await jiraAs(story, story.scene.players.mia).move(key, 'Approved');
    await ticketSays(story, key, /does not count/);
    await story.ticketIs(iid, 'In review');
    const refused = await evidenceOf(iid);
    expect(refused.decision).toMatchObject({ kind: 'none', decisions: [{ counts: false }] });
    expect(refused.decision.voided).toContainEqual(
      expect.objectContaining({
        what: 'verdict-refused',
        why: expect.stringContaining('a change of their own') as string,
      }),
    );
    await story.adamInJira.move(key, 'Rejected');
    await story.changeIs(iid, 'rejected');
    const { decision, execution } = await evidenceOf(iid);
    expect(decision.decisions.map((each) => [each.decision, each.counts])).toEqual([
      ['approved', false],
      ['rejected', false],
    ]);
    expect(execution.attempts).toEqual([]);
  });

  test('tells of an apply that failed, and of one that was not admitted', async () => {
    const failing =
      'resource "terraform_data" "bad" {\n  provisioner "local-exec" {\n    command = "exit 3"\n  }\n}\n';
    const { iid } = await story.propose('failing', oneSubnet(story, onCommand('failing'), failing));
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'apply-failed');
    const { execution } = await evidenceOf(iid);
    expect(execution.attempts).toMatchObject([{ outcome: 'failed-partial', status: 'ended' }]);
    expect(execution.release).toBeUndefined();

    await story.erin.push('draft', oneSubnet(story, onCommand('draft')));
    const draft = await story.erin.open('draft', 'Draft: not yet');
    await story.noteSays(draft.iid, /No plan is made/);
    expect((await evidenceOf(draft.iid)).what.plans).toEqual([]);
  });
});

test('every look at a record is an entry of the log, and a key that is none says so', async () => {
  const count = async () => {
    const [row] = await story.query<{ n: number }>(
      `select count(*)::int as n from audit.entries where envelope::jsonb ->> 'type' = 'evidence-read'`,
    );
    return row?.n ?? 0;
  };
  const before = await count();
  await evidenceOf(1);
  expect(await count()).toBe(before + 1);
  const [{ actor } = { actor: '' }] = await story.query<{ actor: string }>(
    `select envelope::jsonb ->> 'actor' as actor from audit.entries
     where envelope::jsonb ->> 'type' = 'evidence-read' and envelope::jsonb ->> 'actor' like 'operator-cli:%' limit 1`,
  );
  expect(actor).toMatch(/^operator-cli:/);
  expect(await story.cli('change', 'show', 'CHG-999')).toMatchObject({
    code: 1,
    output: expect.stringContaining('no change has ticket or id CHG-999') as string,
  });
  await until('the log to prove itself', async () =>
    (await story.cli('audit', 'verify')).code === 0 ? true : undefined,
  );
});
