import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Note, reader } from '#test/sandbox/house/actors.ts';
import { openStory, type Story, until } from '#test/support/story.ts';

describe('what people read in the merge request', () => {
  let story: Story;
  let good: (size: string) => string;
  let bad: (argument: string) => string;

  beforeAll(async () => {
    story = await openStory();
    good = (size) =>
      story.module(
        'answers-good',
        `resource "terraform_data" "disk" {\n  input = { size = "${size}", name = "disk" }\n}\n`,
      );
    bad = (argument) =>
      story.module('answers-bad', `resource "terraform_data" "other" {\n  ${argument} = "x"\n}\n`);
    await story.olga.push('main', { 'countersign.yaml': 'version: 1\nprojectStatuses: true\n' });
  });
  afterAll(() => story?.close());

  const endOf = (iid: number, { id }: Note, pattern: RegExp) =>
    story.noteSays(iid, new RegExp(`:reply-${id} [\\s\\S]*${pattern.source}`, 's'), 60_000);
  const asks = async (iid: number, question: string, pattern: RegExp) =>
    (await endOf(iid, await story.erin.comment(iid, `countersign ${question}`), pattern)).body;

  test('failures with their lines, answers to questions, differences, and how each command ended', async () => {
    const { iid } = await story.propose('answers', {
      'fin/prod/good/main.tf': good('10'),
      'fin/prod/bad/main.tf': bad('nput'),
    });
    // One project that fails hides neither its line nor the plan of the other.
    const failed = await story.noteSays(iid, /The plan failed[\s\S]*terraform_data\.disk will be created/);
    expect(failed.body).toMatch(
      /\[`fin\/prod\/bad\/main\.tf:\d+`\]\(\S+\/-\/blob\/[0-9a-f]{40}\/fin\/prod\/bad\/main\.tf#L\d+\)/,
    );
    expect(failed.body).toMatch(/^ > +\d+: +nput = "x"$/m);
    expect(failed.body).toContain('Error: Unsupported argument');
    expect(await asks(iid, 'why -p fin/prod/bad', /since the plan failed/)).toContain('push a fix');

    await story.erin.push('answers', { 'fin/prod/bad/main.tf': bad('input') });
    await story.ticketIs(iid, 'In review');
    expect(await asks(iid, 'why -p fin/prod/good', /What the gates say just now/)).toMatch(
      /`ticket-approved` \| \*\*no\*\*.*[\s\S]*Next: \[CHG-\d+\].* waits for an approver/,
    );
    expect(await asks(iid, 'version', /Versions/)).toMatch(/Countersign `\d[^`]*`[\s\S]*`terraform \d+\.\d+/);
    expect(await asks(iid, 'status', /Waiting for approval/)).toContain('`fin/prod/good`');
    expect(await asks(iid, 'diff -p fin/prod/good', /What changed in the plans/)).toMatch(
      /equal to the previous plan of revision 1|this is its first plan/,
    );

    const again = await story.erin.comment(iid, 'countersign plan -p fin/prod/good');
    await endOf(iid, again, /\*\*Planned\*\*.*1 to add/);
    expect(await reactions(iid, again)).toEqual(['eyes', 'white_check_mark']);

    await story.erin.push('answers', { 'fin/prod/good/main.tf': good('20') });
    await story.noteSays(iid, /Waiting for approval[\s\S]*Revision 3/);
    const key = await story.ticketIs(iid, 'In review');
    const diff = await asks(iid, 'diff -p fin/prod/good', /planned differently/);
    expect(diff).toMatch(/^- +input\.size = "10"$/m);
    expect(diff).toMatch(/^\+ +input\.size = "20"$/m);
    const issue = await story.issue(key);
    expect(JSON.stringify(issue.fields)).toContain('What changed since the plan before');

    const { id } = await story.changeOf(iid);
    const { cookie } = await reader(story);
    const page = await (await fetch(`${story.serverUrl}/changes/${id}`, { headers: { cookie } })).text();
    expect(page).toMatch(/Earlier revisions[\s\S]*Revision 2[\s\S]*Revision 1/);
    expect(page).toContain('id="project-fin/prod/good"');

    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    expect(await asks(iid, 'why -p fin/prod/good', /every one of \d+ gates says yes/)).toContain(
      'comments `countersign apply`',
    );
    const apply = await story.olga.comment(iid, 'countersign apply');
    await endOf(iid, apply, /\*\*Applied\*\*.*applied \(1 added\)/);
    expect(await reactions(iid, apply)).toEqual(['eyes', 'white_check_mark']);
    const { state } = await story.changeIs(iid, 'merged');
    const statuses = await until('a status of each project that succeeded', async () => {
      const rows = await story.erin.asked<{ name: string; status: string }[]>(
        `/repository/commits/${state.revision?.headSha}/statuses`,
      );
      const done = rows.filter(({ status }) => status === 'success').map(({ name }) => name);
      return done.length >= 3 ? done : undefined;
    });
    expect(statuses.toSorted()).toEqual([
      'countersign',
      'countersign/fin/prod/bad',
      'countersign/fin/prod/good',
    ]);
  });

  const reactions = (iid: number, { id }: Note) =>
    until(`two reactions to note ${id}`, async () => {
      const given = await story.erin.asked<{ name: string }[]>(
        `/merge_requests/${iid}/notes/${id}/award_emoji`,
      );
      return given.length >= 2 ? given.map(({ name }) => name) : undefined;
    });
});
