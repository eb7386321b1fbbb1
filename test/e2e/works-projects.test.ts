import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backstage } from '#test/support/gitlab-backstage.ts';
import { APPROVAL_VARIABLE, openStory, type Story, until } from '#test/support/story.ts';

const PLAIN = `resource "terraform_data" "plain" {
  input = "plain"
}
`;

describe('projects of every kind', () => {
  let story: Story;
  beforeAll(async () => {
    story = await openStory({
      projects: [
        { match: 'spaces', applyOn: 'approval', workspaces: ['blue', 'green'] },
        { match: 'biz/dev/**', applyOn: 'approval' },
        { match: 'fin/prod/**', applyOn: 'command' },
      ],
    });
  });
  afterAll(() => story?.close());

  const plans = async (iid: number) => {
    const { id } = await story.changeOf(iid);
    return story.query<{ project: string; status: string }>(
      'select project, status from plan_runs where change_id = $1 order by project',
      [id],
    );
  };
  const titles = async () =>
    (
      await story.adamInJira.asked<{ issues: { key: string }[] }>(
        `/search/jql?${new URLSearchParams({ jql: 'project = CHG', fields: 'status' })}`,
      )
    ).issues.map(({ key }) => key);

  test('a project without the approval variable gets its ticket with the first plan that has changes', async () => {
    const before = await titles();
    const empty = `locals {\n  nothing = true\n}\n`;
    const file = 'biz/dev/plain/main.tf';
    const { iid } = await story.propose('plain', { [file]: story.module('plain', empty) });
    await story.changeIs(iid, 'no-changes');
    expect((await story.changeOf(iid)).approval_id).toBeNull();
    await story.noteSays(iid, /no changes/i);
    expect(await titles()).toEqual(before);

    await story.erin.push('plain', { [file]: story.module('plain', PLAIN) });
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'merged');
    await story.ticketIs(iid, 'Done');
  });

  test('a ticket whose plan turns out empty is closed as "no changes"', async () => {
    const { iid } = await story.propose('empty', {
      'fin/prod/empty/main.tf': story.module('empty', APPROVAL_VARIABLE),
    });
    const change = await story.changeIs(iid, 'no-changes');
    const key = await story.ticketIs(iid, 'Superseded');
    expect(change.state.projects).toMatchObject([{ key: 'fin/prod/empty', status: 'no-changes' }]);
    const { comments } = await story.adamInJira.comments(key);
    expect(JSON.stringify(comments.at(-1)?.body)).toMatch(/no changes/i);
    expect((await story.erin.mergeRequest(iid)).state).toBe('opened');
  });

  test('a change of a shared module plans each project that uses it, and no other', async () => {
    const module = (text: string) => `resource "terraform_data" "common" {\n  input = "${text}"\n}\n`;
    const user = (state: string) =>
      story.module(state, 'module "common" {\n  source = "../../../modules/common"\n}\n');
    await story.olga.push('main', {
      'modules/common/main.tf': module('first'),
      'biz/dev/user-a/main.tf': user('user-a'),
      'biz/dev/user-b/main.tf': user('user-b'),
    });
    const { iid } = await story.propose('module', { 'modules/common/main.tf': module('second') });
    const key = await story.ticketIs(iid, 'In review');
    expect((await plans(iid)).map(({ project }) => project)).toEqual(['biz/dev/user-a', 'biz/dev/user-b']);
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'merged');
    expect((await story.attempts(iid)).map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
  });

  test('a folder with two workspaces is two projects, each planned and applied in its own', async () => {
    const inWorkspace = `resource "terraform_data" "space" {
  input = "in ${'${terraform.workspace}'}"
}
`;
    const { iid } = await story.propose('spaces', { 'spaces/main.tf': inWorkspace });
    const key = await story.ticketIs(iid, 'In review');
    expect((await plans(iid)).map(({ project }) => project)).toEqual(['spaces:blue', 'spaces:green']);
    await story.noteSays(iid, /spaces:blue[\s\S]*"in blue"[\s\S]*spaces:green[\s\S]*"in green"/);
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'merged');
    expect((await story.attempts(iid)).map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
  });

  test('thirty projects in one merge request are one note with a handful of edits, and one ticket', async () => {
    const behind = backstage(story);
    const before = await titles();
    const folders = Array.from({ length: 30 }, (_, i) => `biz/dev/many-${String(i + 1).padStart(2, '0')}`);
    const files = folders.map(
      (folder, i) => [`${folder}/main.tf`, story.module(`many-${i}`, PLAIN)] as const,
    );
    const { iid } = await story.propose('many', Object.fromEntries(files));
    const note = await story.noteSays(iid, /many-30/, 60_000);
    const key = await story.ticketIs(iid, 'In review', 150_000);
    await until('the note to tell that all wait for approval', async () => {
      const body = (await story.notes(iid)).find(({ id }) => id === note.id)?.body ?? '';
      return body.split('waiting for approval').length > 30 ? body : undefined;
    });
    expect(await plans(iid)).toHaveLength(30);
    expect((await titles()).filter((each) => !before.includes(each))).toEqual([key]);
    expect((await story.notes(iid)).filter(({ body }) => body.includes(':note -->'))).toHaveLength(1);
    const [planning] = await story.query<{ seconds: number }>(
      `select extract(epoch from max(ended_at) - min(queued_at))::float as seconds from plan_runs where change_id = $1`,
      [(await story.changeOf(iid)).id],
    );
    const writes = await behind.requests({
      user: note.author.username,
      path: `/merge_requests/${iid}/notes`,
    });
    const edits = writes.filter(({ method }) => method === 'PUT').length;
    const posts = writes.filter(({ method }) => method === 'POST').length;
    console.log(`30 projects: planned in ${planning?.seconds.toFixed(1)} s, ${edits} edits of the note`);
    expect(posts).toBe(1);
    expect(edits).toBeLessThanOrEqual(10);
  }, 240_000);
});
