import { afterAll, beforeAll, expect, test } from 'vitest';
import { backstage } from '#test/support/gitlab-backstage.ts';
import { describeOnEachQueueBackend } from '#test/support/queue-backends.ts';
import { quiet } from '#test/support/refusals.ts';
import { APPROVAL_VARIABLE, type Story, subnet, until } from '#test/support/story.ts';
import { openStoryOn } from '#test/support/story-on-queue.ts';

describeOnEachQueueBackend('webhooks that come too often or in the wrong order', (backend) => {
  let story: Story;
  let behind: ReturnType<typeof backstage>;
  beforeAll(async () => {
    story = await openStoryOn(backend);
    behind = backstage(story);
  });
  afterAll(() => story?.close());

  const network = (state: string, ...names: string[]) =>
    story.module(state, APPROVAL_VARIABLE + names.map((name) => subnet(name, '10.0.0.0/24')).join('\n'));
  const planRuns = async (iid: number) => {
    const { id } = await story.changeOf(iid);
    return story.query<{ head_sha: string; status: string }>(
      'select head_sha, status from plan_runs where change_id = $1 order by queued_at',
      [id],
    );
  };

  test('one webhook delivered five times makes one change, one plan, one ticket, one note', async () => {
    await behind.arm({ kind: 'hook-double', event: 'Merge Request', count: 1 });
    const { iid } = await story.propose('five-times', {
      'fin/prod/five/main.tf': network('five', 'first'),
    });
    await behind.settle();
    const hook = `/hooks/${story.hooks.gitlabHookId}`;
    const sent = await story.olga.asked<{ id: number; trigger: string }[]>(`${hook}/events`);
    const opened = sent.find(({ trigger }) => trigger === 'merge_request_hooks');
    for (let again = 3; again <= 5; again += 1) {
      await story.olga.asked(`${hook}/events/${opened?.id}/resend`, 'POST');
    }
    await story.ticketIs(iid, 'In review');
    await quiet(story);
    const stored = await story.query(
      `select id from webhook_deliveries where source = 'gitlab' and event = 'merge-request'`,
    );
    expect(stored).toHaveLength(1);
    expect(await planRuns(iid)).toHaveLength(1);
    expect(await story.query('select id from changes')).toHaveLength(1);
    const tickets = await story.adamInJira.asked<{ issues: unknown[] }>(
      `/search/jql?${new URLSearchParams({ jql: 'project = CHG', fields: 'status' })}`,
    );
    expect(tickets.issues).toHaveLength(1);
    expect((await story.notes(iid)).filter(({ body }) => body.includes(':note -->'))).toHaveLength(1);
  });

  test('a hook overtaken by a later one leaves the newest head planned, and only that', async () => {
    const file = 'fin/prod/overtaken/main.tf';
    const { iid } = await story.propose('overtaken', { [file]: network('overtaken', 'first') });
    await story.ticketIs(iid, 'In review');
    await behind.arm({ kind: 'hook-reorder', event: 'Merge Request', count: 1 });
    await story.erin.push('overtaken', { [file]: network('overtaken', 'first', 'second') });
    const head = await story.erin.push('overtaken', { [file]: network('overtaken', 'first', 'third') });
    await until('the newest head to be in review', async () => {
      const { revision, ticket } = (await story.changeOf(iid)).state;
      return revision?.headSha === head && ticket.review?.status === 'in-review' ? true : undefined;
    });
    await quiet(story);
    const change = await story.changeOf(iid);
    expect(change.status).toBe('awaiting-approval');
    expect(change.state.revision?.headSha).toBe(head);
    expect((await planRuns(iid)).filter(({ head_sha }) => head_sha === head)).toHaveLength(1);
  });

  test('a comment that arrives before the merge request it is in is answered', async () => {
    await behind.arm({ kind: 'hook-reorder', event: 'Merge Request', count: 1 });
    const { iid } = await story.propose('early', { 'fin/prod/early/main.tf': network('early', 'first') });
    const { id } = await story.erin.comment(iid, 'countersign plan');
    await story.noteSays(iid, new RegExp(`:reply-${id} [\\s\\S]*Accepted`));
    await story.ticketIs(iid, 'In review');
    await quiet(story);
    const runs = (await planRuns(iid)).map(({ status }) => status);
    expect(runs.filter((status) => status === 'planned')).toHaveLength(1);
  });
});
