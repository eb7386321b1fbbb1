import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backstage, type LoggedRequest } from '#test/support/gitlab-backstage.ts';
import { APPROVAL_VARIABLE, openStory, type Story, subnet } from '#test/support/story.ts';

describe('the first note', () => {
  let story: Story;
  beforeAll(async () => {
    // The sweep's own calls would be counted with the others.
    story = await openStory({ sweepSeconds: 600 });
  });
  afterAll(() => story?.close());

  test('stands within seconds of the webhook, after a handful of calls to GitLab', async () => {
    const first = await measure(story, 'first-change');
    const next = await measure(story, 'next-change');
    console.log([first, next].map(inWords).join('\n'));
    // The merge request, its author's membership, the target branch, who pushed, the note; the first change of a
    // repository asks for its address as well.
    expect(first.calls).toBeLessThanOrEqual(6);
    expect(next.calls).toBeLessThanOrEqual(5);
    expect(next.noteSeconds).toBeLessThan(10);
  });
});

interface Measurement {
  branch: string;
  calls: number;
  noteSeconds: number;
  planSeconds: number;
}

/** From the merge request's webhook to the note, and to the plan in the note. */
async function measure(story: Story, branch: string): Promise<Measurement> {
  const behind = backstage(story);
  const body = APPROVAL_VARIABLE + subnet('first', '10.0.0.0/24');
  const before = (await behind.deliveries({ event: 'Merge Request' })).length;
  const { iid } = await story.propose(branch, {
    [`fin/prod/${branch}/main.tf`]: story.module(branch, body),
  });
  const note = await story.noteSays(iid, /waiting for approval/);
  await story.ticketIs(iid, 'In review');
  const hook = (await behind.deliveries({ event: 'Merge Request' }))[before];
  const since = Date.parse(hook?.at ?? '');
  const calls = (await behind.requests({ user: note.author.username })).filter(
    ({ at }) => Date.parse(at) >= since,
  );
  const after = (method: string, path: string) => {
    const index = calls.findIndex((call) => call.method === method && call.path.endsWith(path));
    return { index, seconds: (Date.parse(calls[index]?.at ?? '') - since) / 1000 };
  };
  const posted = after('POST', `/merge_requests/${iid}/notes`);
  return {
    branch,
    calls: posted.index + 1 - ofTheStatus(calls.slice(0, posted.index), iid),
    noteSeconds: posted.seconds,
    planSeconds: after('PUT', `/notes/${note.id}`).seconds,
  };
}

/** The commit status goes its own way at the same time: it asks for the pipeline it belongs to, and is sent. */
function ofTheStatus(calls: readonly LoggedRequest[], iid: number): number {
  const sent = calls.filter(({ path }) => path.includes('/statuses/')).length;
  const asked = calls.filter(({ path }) => path.endsWith(`/merge_requests/${iid}`)).length - 1;
  return sent + asked;
}

function inWords({ branch, calls, noteSeconds, planSeconds }: Measurement): string {
  return `${branch}: webhook to note ${noteSeconds.toFixed(2)} s in ${calls} calls, to its next edit ${planSeconds.toFixed(2)} s`;
}
