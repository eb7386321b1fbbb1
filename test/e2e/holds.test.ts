import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reader } from '#test/sandbox/house/actors.ts';
import { post } from '#test/sandbox/house/http.ts';
import { openStory, type Story, until } from '#test/support/story.ts';

interface Holds {
  rows: {
    project: string;
    from: string;
    holder: { iid: number };
    waiting: { iid: number }[];
    release: { comment: string };
  }[];
}

describe('projects that are held from their plan on', () => {
  let story: Story;
  beforeAll(async () => {
    story = await openStory({
      projects: [{ match: 'fin/**', applyOn: 'approval', holdFrom: 'plan' }],
      commands: [{ verbs: ['unlock'], groups: ['infra/operators'], projects: ['fin/prod/**'] }],
    });
    await post(`${story.gitlabUrl}/sandbox/groups`, { path: 'infra/operators', visibility: 'public' });
    // Who belongs to the group above belongs to this one.
    await post(`${story.gitlabUrl}/sandbox/members`, { user: 'erin', group: 'infra', access_level: 30 });
  });
  afterAll(() => story?.close());

  const plain = (state: string, text: string) =>
    story.module(state, `resource "terraform_data" "plain" {\n  input = "${text}"\n}\n`);
  const propose = (branch: string, projects: readonly string[]) =>
    story.propose(
      branch,
      Object.fromEntries(projects.map((key) => [`${key}/main.tf`, plain(key.replaceAll('/', '-'), branch)])),
    );
  const holds = async (project: string) =>
    (await (await reader(story)).get<Holds>(`/holds?project=${encodeURIComponent(project)}`)).rows;
  const answerTo = (iid: number, noteId: number) =>
    until(`an answer to note ${noteId} of !${iid}`, async () =>
      (await story.notes(iid)).find(({ body }) => body.includes(`:reply-${noteId} `)),
    );

  test('a second merge request waits, says for whom, and is planned by itself once the first is merged', async () => {
    const first = await propose('first', ['fin/dev/dns']);
    const key = await story.ticketIs(first.iid, 'In review');
    const second = await propose('second', ['fin/dev/dns']);
    await story.changeIs(second.iid, 'held');
    await story.noteSays(
      second.iid,
      new RegExp(`Waiting for !${first.iid}, which holds \`fin/dev/dns\` since`),
    );
    expect(await holds('fin/dev/dns')).toMatchObject([
      {
        project: 'fin/dev/dns',
        from: 'plan',
        holder: { iid: first.iid },
        waiting: [{ iid: second.iid }],
        release: { comment: 'countersign unlock' },
      },
    ]);
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(first.iid, 'merged');
    await story.changeIs(second.iid, 'awaiting-approval');
    expect(await holds('fin/dev/dns')).toMatchObject([{ holder: { iid: second.iid }, waiting: [] }]);
    const { id } = await story.changeOf(second.iid);
    const page = await (await reader(story)).get<{ timeline: { what: string }[] }>(`/changes/${id}`);
    expect(page.timeline.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        `Waits for !${first.iid}, which holds fin/dev/dns`,
        'Belongs to this change from its plan on: fin/dev/dns',
      ]),
    );
  });

  test('a change that is unlocked lets the next one go on, and waits for it when it is planned again', async () => {
    const first = await propose('gives-up', ['fin/dev/mail']);
    await story.ticketIs(first.iid, 'In review');
    const second = await propose('takes-over', ['fin/dev/mail']);
    await story.changeIs(second.iid, 'held');
    await story.erin.comment(first.iid, 'countersign unlock');
    await story.changeIs(second.iid, 'awaiting-approval');
    await story.changeIs(first.iid, 'cancelled');
    await story.erin.comment(first.iid, 'countersign plan');
    await story.changeIs(first.iid, 'held');
    await story.erin.close(second.iid);
    await story.changeIs(first.iid, 'awaiting-approval');
    expect(await holds('fin/dev/mail')).toMatchObject([{ holder: { iid: first.iid }, waiting: [] }]);
  });

  test('of two changes that want the same two projects one gets both, and the other waits with both', async () => {
    const wanted = ['fin/dev/left', 'fin/dev/right'];
    const [one, other] = await Promise.all([propose('one', wanted), propose('other', wanted.toReversed())]);
    const statuses = async () =>
      Promise.all(
        [one, other].map(async ({ iid }) => {
          const change = await story.changeOf(iid).catch(() => undefined);
          return change?.state.projects.map(({ status }) => status).join(' ');
        }),
      );
    const settled = await until(
      'one to be planned and the other to wait',
      async () => {
        const now = await statuses();
        return now.includes('awaiting-approval awaiting-approval') && now.includes('held held')
          ? now
          : undefined;
      },
      { show: async () => JSON.stringify(await statuses()) },
    );
    const [holder, waiting] = settled[0]?.startsWith('held') === true ? [other, one] : [one, other];
    expect((await holds('fin/dev/')).filter(({ project }) => wanted.includes(project))).toMatchObject(
      wanted.map(() => ({ holder: { iid: holder.iid } })),
    );
    await story.erin.close(holder.iid);
    await until('the other to have both planned', async () => {
      const { state } = await story.changeOf(waiting.iid);
      return state.projects.every(({ status }) => status === 'awaiting-approval') ? state : undefined;
    });
  });

  test('a command that is reserved for a group is refused to others, and obeyed from its members', async () => {
    const { iid } = await propose('reserved', ['fin/prod/dns']);
    await story.ticketIs(iid, 'In review');
    const { id } = await story.mia.comment(iid, 'countersign unlock');
    expect((await answerTo(iid, id)).body).toMatch(/reserved for members of infra\/operators.*mia/s);
    expect(await holds('fin/prod/dns')).toHaveLength(1);
    await story.erin.comment(iid, 'countersign unlock');
    await story.changeIs(iid, 'cancelled');
    expect(await holds('fin/prod/dns')).toEqual([]);
  });
});
