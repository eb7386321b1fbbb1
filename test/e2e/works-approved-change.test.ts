import { afterAll, beforeAll, expect, test } from 'vitest';
import { backstage } from '#test/support/gitlab-backstage.ts';
import { describeOnEachQueueBackend } from '#test/support/queue-backends.ts';
import { APPROVAL_VARIABLE, type Story, subnet, until } from '#test/support/story.ts';
import { openStoryOn } from '#test/support/story-on-queue.ts';

describeOnEachQueueBackend('an approved change', (backend) => {
  let story: Story;
  beforeAll(async () => {
    story = await openStoryOn(backend);
  });
  afterAll(() => story?.close());

  test('is planned, approved, applied once, tagged on the applied commit, merged, recorded', async () => {
    const body = (cidr: string, more: string) =>
      APPROVAL_VARIABLE + subnet('first', cidr) + subnet('second', more);
    const { iid } = await story.propose('add-subnets', {
      'fin/prod/network/main.tf': story.module('fin-prod-network', body('10.0.0.0/24', '10.0.1.0/24')),
      'biz/dev/network/main.tf': story.module('biz-dev-network', body('10.1.0.0/24', '10.1.1.0/24')),
    });
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');

    const approved = await story.changeIs(iid, 'ready');
    expect(approved.state.projects.map(({ key: name, status }) => [name, status])).toEqual([
      ['biz/dev/network', 'applied'],
      ['fin/prod/network', 'ready'],
    ]);
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
    await story.ticketIs(iid, 'Done');

    const head = approved.state.revision?.headSha ?? '';
    const tag = await story.erin.tag(`release/${key}`);
    expect(tag.commit.id).toBe(head);
    expect((await story.erin.mergeRequest(iid)).state).toBe('merged');
    expect((await story.attempts(iid)).map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
    await stateCarries(story, 'fin-prod-network', key);
    await stateCarries(story, 'biz-dev-network', key);
    await oneNoteAndOneStatus(story, iid, approved.id, head);
    await ticketWitnessesTheLog(story, key);
  });

  test('two apply commands at once make one attempt', async () => {
    await story.startWorker();
    const { iid } = await story.propose('twice', {
      'fin/prod/twice/main.tf': story.module('twice', APPROVAL_VARIABLE + subnet('first', '10.0.0.0/24')),
    });
    await story.adamInJira.move(await story.ticketIs(iid, 'In review'), 'Approved');
    await story.changeIs(iid, 'ready');
    await Promise.all([
      story.olga.comment(iid, 'countersign apply'),
      story.mia.comment(iid, 'countersign apply'),
      story.olga.comment(iid, 'countersign apply'),
    ]);
    await story.changeIs(iid, 'merged');
    expect((await story.attempts(iid)).map(({ outcome }) => outcome)).toEqual(['succeeded']);
    expect((await backstage(story).state('twice')).versions).toHaveLength(1);
    const replies = await until('all three commands to be answered', async () => {
      const found = (await story.notes(iid)).filter(({ body }) => body.includes(':reply-'));
      return found.length === 3 ? found : undefined;
    });
    expect(replies.every(({ body }) => /Accepted|Applied|Refused/.test(body))).toBe(true);
  });
});

/** The approval number is on what was made, as the state at GitLab tells. */
async function stateCarries(story: Story, name: string, key: string): Promise<void> {
  const state = await story.olga.asked<{ serial: number; resources: State[] }>(`/terraform/state/${name}`);
  const approvals = state.resources.flatMap(({ instances }) =>
    instances.map(({ attributes }) => attributes.output.value.approval),
  );
  expect(approvals).toEqual([key, key]);
  const { lock, versions } = await backstage(story).state(name);
  expect(lock).toBeNull();
  expect(versions).toHaveLength(1);
}

interface State {
  instances: { attributes: { output: { value: { approval: string } } } }[];
}

async function oneNoteAndOneStatus(story: Story, iid: number, changeId: string, head: string): Promise<void> {
  const summaries = (await story.notes(iid)).filter(({ body }) => body.includes(`${changeId}:note`));
  expect(summaries).toHaveLength(1);
  await story.noteSays(iid, /applied and tagged|merged/i);
  const statuses = () =>
    story.erin.asked<{ name: string; status: string; target_url: string }[]>(
      `/repository/commits/${head}/statuses?all=true`,
    );
  await until(
    'the commit status to tell the success',
    async () => (await statuses()).find(({ status }) => status === 'success'),
    { show: async () => JSON.stringify(await statuses()) },
  );
  expect(await statuses()).toMatchObject([
    { name: 'countersign', target_url: `${story.serverUrl}/changes/${changeId}` },
  ]);
}

/** The ticket's last comment holds the log's head, and the log proves that it grew from there. */
async function ticketWitnessesTheLog(story: Story, key: string): Promise<void> {
  const { comments } = await story.adamInJira.comments(key);
  expect(JSON.stringify(comments.at(-1)?.body)).toContain('countersign.example/sandbox');
  const verified = await story.cli(
    'audit',
    'verify',
    '--against',
    `ticket:${key}`,
    '--against',
    `tag:release/${key}`,
  );
  expect(verified.code).toBe(0);
}
