import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Note } from '#test/sandbox/house/actors.ts';
import { backstage } from '#test/support/gitlab-backstage.ts';
import { APPROVAL_VARIABLE, openStory, type Story, subnet, until } from '#test/support/story.ts';

describe('what people ask for in comments', () => {
  let story: Story;
  let behind: ReturnType<typeof backstage>;
  beforeAll(async () => {
    story = await openStory();
    behind = backstage(story);
  });
  afterAll(() => story?.close());

  const network = (state: string, extra = '') =>
    story.module(state, APPROVAL_VARIABLE + subnet('first', '10.0.0.0/24') + extra);
  const replyTo = (iid: number, { id }: Note) =>
    until(`an answer to note ${id} of !${iid}`, async () =>
      (await story.notes(iid)).find(({ body }) => body.includes(`:reply-${id} `)),
    );
  const holds = async (project: string) =>
    (await story.query<{ change_id: string }>('select change_id from holds where project = $1', [project]))
      .length;
  const interrupted = `resource "terraform_data" "slow" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" {
    command = "exec sleep 30"
  }
}
`;

  test('help lists the commands, a typing error is told with the nearest one, and each gets a reaction', async () => {
    const { iid } = await story.propose('help', { 'fin/prod/help/main.tf': network('help') });
    await story.ticketIs(iid, 'In review');
    const help = await story.erin.comment(iid, 'countersign help');
    const typo = await story.erin.comment(iid, 'countersign aply\n\nplease');
    const talk = await story.erin.comment(iid, 'Should we let countersign apply this?');
    expect((await replyTo(iid, help)).body).toContain('countersign unlock PROJECT REASON');
    expect((await replyTo(iid, typo)).body).toMatch(/Not understood.*Did you mean `countersign apply`/s);
    for (const note of [help, typo]) expect(await reactions(story, iid, note)).toEqual(['eyes']);
    expect(await reactions(story, iid, talk)).toEqual([]);
    expect((await story.notes(iid)).filter(({ body }) => body.includes(':reply-'))).toHaveLength(2);
  });

  test('cancel stops a plan that is running, and plan starts it again', async () => {
    await behind.arm({ kind: 'slow', ms: 20_000, method: 'GET', path: '/terraform/state/halted$', count: 1 });
    const { iid } = await story.propose('halted', { 'fin/prod/halted/main.tf': network('halted') });
    await until('terraform to ask for the state', async () =>
      (await behind.faults()).some(({ struck }) => struck > 0) ? true : undefined,
    );
    await story.erin.comment(iid, 'countersign cancel');
    const cancelled = await story.changeIs(iid, 'cancelled');
    await until('the plan run to have ended', async () => {
      const [run] = await story.query<{ status: string }>(
        'select status from plan_runs where change_id = $1',
        [cancelled.id],
      );
      return run?.status === 'stopped' ? run : undefined;
    });
    await behind.disarm();
    await story.erin.comment(iid, 'countersign plan');
    const key = await story.ticketIs(iid, 'In review');
    expect(await story.changeIs(iid, 'awaiting-approval')).toMatchObject({
      id: cancelled.id,
      approval_id: key,
    });
  });

  test('cancel interrupts an apply: the state is saved, its lock is free, and the project stays held until unlocked', async () => {
    const { iid } = await story.propose('stopped', {
      'fin/prod/stopped/main.tf': network('stopped', interrupted),
    });
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    await story.olga.comment(iid, 'countersign apply');
    await until('the apply to reach its slow resource', async () => {
      const rows = await story.query(
        `select 1 from run_output where line like '%terraform_data.slow: Provisioning%'`,
      );
      return rows.length > 0 ? true : undefined;
    });

    const byErin = await story.erin.comment(iid, 'countersign cancel');
    expect((await replyTo(iid, byErin)).body).toContain('does not have the operator role');
    await story.olga.comment(iid, 'countersign cancel');
    const failed = await story.changeIs(iid, 'apply-failed');
    expect(await story.attempts(iid)).toMatchObject([
      { outcome: 'failed-partial', reason: expect.stringContaining('interrupted on command') },
    ]);
    const state = await behind.state('stopped');
    expect(state.lock).toBeNull();
    expect(state.versions.length).toBeGreaterThan(0);
    expect(await holds('fin/prod/stopped')).toBe(1);
    expect(failed.state.projects).toMatchObject([{ key: 'fin/prod/stopped', status: 'apply-failed' }]);

    const unlock = await story.olga.comment(iid, 'countersign unlock fin/prod/stopped nothing runs any more');
    expect((await replyTo(iid, unlock)).body).toMatch(/Accepted.*hold on/s);
    expect(await holds('fin/prod/stopped')).toBe(0);
  });

  test('a project held by one change is the next one’s once an operator unlocks it', async () => {
    const held = 'biz/dev/held';
    const first = await story.propose('holder', {
      [`${held}/main.tf`]: network('held'),
      'fin/prod/waits/main.tf': network('waits'),
    });
    await story.adamInJira.move(await story.ticketIs(first.iid, 'In review'), 'Approved');
    await story.changeIs(first.iid, 'ready');
    expect(await holds(held)).toBe(1);

    const second = await story.propose('next', {
      [`${held}/main.tf`]: network('held', subnet('second', '10.0.1.0/24')),
    });
    await story.adamInJira.move(await story.ticketIs(second.iid, 'In review'), 'Approved');
    await story.blockedBy(second.iid, 'project-free');

    await story.olga.comment(first.iid, `countersign unlock ${held} the next change goes first`);
    await until('the hold to be given back', async () => ((await holds(held)) === 0 ? true : undefined));
    await story.olga.comment(second.iid, 'countersign apply');
    await story.changeIs(second.iid, 'merged');
  });

  test('closing the merge request ends the ticket and gives back every hold; reopening plans again', async () => {
    const { iid } = await story.propose('closing', {
      'biz/dev/closing/main.tf': network('biz-closing'),
      'fin/prod/closing/main.tf': network('fin-closing'),
    });
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    const halfway = await story.changeIs(iid, 'ready');
    expect(halfway.state.projects.map(({ status }) => status)).toEqual(['applied', 'ready']);
    expect(await holds('biz/dev/closing')).toBe(1);

    await story.erin.close(iid);
    await story.changeIs(iid, 'closed');
    await story.ticketIs(iid, 'Failed');
    expect(await holds('biz/dev/closing')).toBe(0);

    await story.erin.asked(`/merge_requests/${iid}`, 'PUT', { state_event: 'reopen' });
    const second = await until('another ticket to be in review', async () => {
      const change = await story.changeOf(iid);
      return change.approval_id !== key && change.state.ticket.review?.status === 'in-review'
        ? change
        : undefined;
    });
    expect(second.state.projects.map(({ key: name, status }) => [name, status])).toEqual([
      ['biz/dev/closing', 'awaiting-approval'],
      ['fin/prod/closing', 'awaiting-approval'],
    ]);
  });

  test('closing before any apply cancels the ticket', async () => {
    const { iid } = await story.propose('dropped', { 'fin/prod/dropped/main.tf': network('dropped') });
    await story.ticketIs(iid, 'In review');
    await story.erin.close(iid);
    const { approval_id } = await story.changeIs(iid, 'closed');
    expect(await story.ticketIs(iid, 'Superseded')).toBe(approval_id);
  });
});

async function reactions(story: Story, iid: number, { id }: Note): Promise<string[]> {
  const path = `/merge_requests/${iid}/notes/${id}/award_emoji`;
  return (await story.erin.asked<{ name: string }[]>(path)).map(({ name }) => name);
}
