import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '#test/sandbox/house/http.ts';
import { backstage } from '#test/support/gitlab-backstage.ts';
import { APPROVAL_VARIABLE, openStory, type Story, subnet, until } from '#test/support/story.ts';

describe('when every webhook of both systems is lost', () => {
  let story: Story;
  beforeAll(async () => {
    story = await openStory({ hooks: false, sweepSeconds: 1 });
  });
  afterAll(() => story?.close());

  const network = (state: string, ...names: string[]) =>
    story.module(state, APPROVAL_VARIABLE + names.map((name) => subnet(name, '10.0.0.0/24')).join('\n'));

  test('merge request, push, approval and command are found by asking, and what was found is counted', async () => {
    const file = 'fin/prod/unheard/main.tf';
    const { iid } = await story.propose('unheard', { [file]: network('unheard', 'first') });
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    const head = await story.erin.push('unheard', { [file]: network('unheard', 'first', 'second') });
    await until('the pushed head to be in review', async () => {
      const { revision, ticket } = (await story.changeOf(iid)).state;
      return revision?.headSha === head && ticket.review?.status === 'in-review' ? true : undefined;
    });
    await until('everything that was decided to be done', async () =>
      (await story.query('select id from outbox where done_at is null')).length === 0 ? true : undefined,
    );
    const beforeApproval = await foundByPolling(story);
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    expect(await foundByPolling(story)).toBeGreaterThan(beforeApproval);
    const help = await story.erin.comment(iid, 'countersign help');
    await story.noteSays(iid, new RegExp(`:reply-${help.id} `));
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
    await story.ticketIs(iid, 'Done');

    expect(await story.attempts(iid)).toMatchObject([{ outcome: 'succeeded' }]);
    expect(await backstage(story).deliveries({})).toEqual([]);
    // The merge request, the push, the second approval, two comments.
    expect(await foundByPolling(story)).toBeGreaterThanOrEqual(5);
  });

  test('a merge request closed by hand is found closed', async () => {
    const { iid } = await story.propose('dropped', {
      'fin/prod/dropped/main.tf': network('dropped', 'first'),
    });
    await story.ticketIs(iid, 'In review');
    const before = await foundByPolling(story);
    await story.erin.close(iid);
    await story.changeIs(iid, 'closed');
    await story.ticketIs(iid, 'Superseded');
    expect(await foundByPolling(story)).toBeGreaterThan(before);
  });

  test('a webhook that GitLab has disabled is told in the readiness and the metrics, and stops nothing', async () => {
    await readinessSays(/no webhook of repository \d+ leads here/);
    const { id } = await story.olga.asked<{ id: number }>('/hooks', 'POST', {
      url: `${story.serverUrl}/hooks/gitlab/an-address`,
      merge_requests_events: false,
      push_events: false,
    });
    await readinessSays(/^1 working$/);
    const wakes = new Date(Date.now() + 600_000).toISOString();
    await ask(`${story.gitlabUrl}/sandbox/hooks/${id}`, {
      method: 'PATCH',
      body: { recent_failures: 6, disabled_until: wakes },
    });
    await readinessSays(
      new RegExp(`hook ${id} of repository .* put to sleep by GitLab until ${wakes.slice(0, 10)}`),
    );
    expect(await (await fetch(`${story.serverUrl}/metrics`)).text()).toContain(
      'countersign_gitlab_hooks{state="asleep"} 1',
    );
    await ask(`${story.gitlabUrl}/sandbox/hooks/${id}`, {
      method: 'PATCH',
      body: { recent_failures: 40, disabled_until: null },
    });
    await readinessSays(
      new RegExp(`hook ${id} of repository .* disabled by GitLab until a test of it succeeds`),
    );
  });

  const readinessSays = (pattern: RegExp) =>
    until(`readiness to say ${pattern}`, async () => {
      const answer = await fetch(`${story.serverUrl}/readyz`);
      const { checks } = (await answer.json()) as { checks: { name: string; detail?: string }[] };
      const told = checks.find(({ name }) => name === 'webhooks')?.detail ?? '';
      return answer.ok && pattern.test(told) ? told : undefined;
    });
});

async function foundByPolling({ serverUrl }: Story): Promise<number> {
  const text = await (await fetch(`${serverUrl}/metrics`)).text();
  const [, value] = /^countersign_found_by_polling_total (\d+)$/m.exec(text) ?? [];
  if (value === undefined) throw new Error('the metrics do not tell what was found by polling');
  return Number(value);
}
