import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jiraAs, type Note } from '#test/sandbox/house/actors.ts';
import { APPROVAL_VARIABLE, openStory, type Story, subnet, until } from '#test/support/story.ts';

/** Something was released, and it was wrong. */
describe('a release that is taken back', () => {
  let story: Story;
  beforeAll(async () => {
    story = await openStory();
  });
  afterAll(() => story?.close());

  const file = 'fin/prod/office/main.tf';
  const office = (...cidrs: string[]) => ({
    [file]: story.module(
      'office',
      APPROVAL_VARIABLE + cidrs.map((cidr, i) => subnet(`net_${i}`, cidr)).join('\n'),
    ),
  });

  /** Proposed by Erin, approved by Adam, applied by Olga. */
  async function release(branch: string, files: Record<string, string | null>): Promise<[number, string]> {
    const { iid } = await story.propose(branch, files, `The office, ${branch}`);
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
    return [iid, key];
  }

  async function answerTo(iid: number, note: Note): Promise<string> {
    return until(`an answer to ${note.id}`, async () => {
      const found = (await story.notes(iid)).find(({ body }) => body.includes(`:reply-${note.id} `));
      return found?.body;
    });
  }

  test('is a merge request of its own, asked for by a person who may not approve it, through the same gates', async () => {
    await release('first', office('10.2.0.0/24'));
    const before = await story.erin.asked<{ id: string }[]>(`/repository/tags?search=^release/`);
    expect(before).toHaveLength(1);
    const [wrongIid, wrong] = await release('wrong', {
      ...office('10.2.0.0/24', '10.9.0.0/24'),
      'fin/prod/office/extra.tf': 'locals {\n  extra = true\n}\n',
    });

    // What was never released is answered with a reason.
    const nothing = await story.mia.comment(wrongIid, 'countersign rollback CHG-999');
    expect(await answerTo(wrongIid, nothing)).toMatch(/Refused.*CHG-999 is no ticket of this repository/s);

    const asked = await story.mia.comment(wrongIid, `countersign rollback ${wrong}`);
    const answer = await answerTo(wrongIid, asked);
    const iid = Number(/\[merge request (\d+)\]\S+ takes it back/.exec(answer)?.[1]);
    expect(iid).toBeGreaterThan(wrongIid);
    const mergeRequest = await story.erin.asked<{
      title: string;
      description: string;
      author: { id: number };
    }>(`/merge_requests/${iid}`);
    expect(mergeRequest.title).toBe(`Roll back ${wrong}: The office, wrong`);
    expect(mergeRequest.author.id).toBe(story.scene.bot.id);
    for (const title of ['Reason', 'Impact', 'Fall-back', 'Window'])
      expect(mergeRequest.description).toContain(`## ${title}`);

    // Asked again it is the same one, and hers.
    const twice = await story.erin.comment(wrongIid, 'countersign rollback');
    const again = await answerTo(wrongIid, twice);
    expect(again).toContain(`[merge request ${iid}]`);
    expect(again).toMatch(/Open already.*`@mia` is its requester, and you are not/s);

    const key = await story.ticketIs(iid, 'In review');
    const change = await story.changeOf(iid);
    expect(change.state).toMatchObject({
      author: { username: 'mia' },
      openedForAuthor: true,
      revision: { commitAuthors: ['mia@example.com'], committers: ['mia@example.com'] },
    });
    const links = async (of: string) =>
      JSON.stringify(await story.adamInJira.asked<unknown>(`/issue/${of}/remotelink`));
    expect(await links(key)).toContain(`/browse/${wrong}`);
    expect(await links(wrong)).toContain(`/browse/${key}`);

    // She asked for it, so she cannot approve it, nor command it.
    await jiraAs(story, story.scene.players.mia).move(key, 'Approved');
    await until('her approval to be refused', async () =>
      (await story.entries(iid)).includes('verdict-refused') ? true : undefined,
    );
    await story.ticketIs(iid, 'In review');
    const own = await story.mia.comment(iid, 'countersign apply');
    expect(await answerTo(iid, own)).toMatch(/Refused.*requester and operator are different people/s);

    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
    expect(await story.attempts(iid)).toMatchObject([{ outcome: 'succeeded' }]);

    // The target branch and what is there are as they were before.
    const head = await story.erin.asked<{ commit: { id: string } }>('/repository/branches/main');
    expect(head.commit.id).toMatch(/^[0-9a-f]{40}$/);
    expect(await resources('office')).toEqual(['terraform_data.net_0']);
    const done = await story.erin.comment(wrongIid, `countersign rollback ${wrong}`);
    expect(await answerTo(wrongIid, done)).toMatch(
      new RegExp(`Refused.*erge request ${iid} was to take it back and is merged`, 's'),
    );
  });

  test('is refused where it would take the work of others along', async () => {
    const [, key] = await release('third', office('10.2.0.0/24', '10.3.0.0/24'));
    const [iid] = await release('fourth', office('10.2.0.0/24', '10.3.0.0/24', '10.4.0.0/24'));
    const asked = await story.mia.comment(iid, `countersign rollback ${key}`);
    const answer = await answerTo(iid, asked);
    expect(answer).toMatch(/Refused.*work of others along.*fin\/prod\/office\/main\.tf.*changed since, by/s);
  });

  /** Addresses of what a state holds. */
  async function resources(name: string): Promise<string[]> {
    const state = await story.olga.asked<{ resources: { type: string; name: string }[] }>(
      `/terraform/state/${name}`,
    );
    return state.resources.map(({ name: resource, type }) => `${type}.${resource}`);
  }
});
