import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStory, type Story, until } from '#test/support/story.ts';

const NO_WIDE = `rules:
  - id: no-wide
    message: this is wider than it has to be
    appliesTo: { types: [terraform_data] }
    when: resource.after.input == "wide"
`;

describe('what a repository says on its target branch', () => {
  let story: Story;
  beforeAll(async () => {
    story = await openStory({ projects: [{ match: 'biz/**', applyOn: 'approval' }] });
  });
  afterAll(() => story?.close());

  const plain = (state: string, input: string) =>
    story.module(state, `resource "terraform_data" "plain" {\n  input = "${input}"\n}\n`);
  const checksOf = async (iid: number) => {
    const { id } = await story.changeOf(iid);
    const [run] = await story.query<{ checks: { name: string; result: string }[] }>(
      'select checks from plan_runs where change_id = $1 and checks is not null order by queued_at desc limit 1',
      [id],
    );
    return run?.checks.map(({ name, result }) => `${name} ${result}`) ?? [];
  };
  /** Nothing is on its way any more, so what was not told is not told. */
  const isQuiet = (iid: number) =>
    until(`nothing to be left to do for !${iid}`, async () => {
      const { id } = await story.changeOf(iid);
      const open = await story.query(
        'select 1 from outbox where change_id = $1 and done_at is null and gave_up_at is null',
        [id],
      );
      return open.length === 0 ? true : undefined;
    });

  test('its rules are asked of every plan once they are merged, and then of plans that were made before', async () => {
    const { iid } = await story.propose('wide', {
      'biz/dev/wide/main.tf': plain('wide', 'wide'),
      'policies/network.yaml': NO_WIDE,
    });
    const key = await story.ticketIs(iid, 'In review');
    expect(await checksOf(iid)).not.toContainEqual(expect.stringContaining('no-wide'));
    await story.olga.push('main', { 'policies/network.yaml': NO_WIDE });
    await story.noteSays(iid, /this is wider than it has to be/);
    expect(await checksOf(iid)).toContain('no-wide fail');
    await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.blockedBy(iid, 'checks-passed');
    expect(await story.attempts(iid)).toEqual([]);
  });

  test('a rule that takes the place of one of the server’s is a mistake, told with its place, and plans stop', async () => {
    const impostor = NO_WIDE.replace('no-wide', 'no-destroy');
    await story.olga.push('main', { 'policies/milder.yaml': impostor });
    const { iid } = await story.propose('after', { 'biz/dev/after/main.tf': plain('after', 'narrow') });
    await story.changeIs(iid, 'not-admitted');
    await story.noteSays(iid, /policies\/milder\.yaml:2:5.*the server has a rule no-destroy/s);
    await story.olga.push('main', { 'policies/milder.yaml': null });
    await story.changeIs(iid, 'awaiting-approval');
    expect(await checksOf(iid)).toContain('no-wide pass');
  });

  test('it is told of nothing that it keeps quiet about: no note, no status', async () => {
    const loud = await story.propose('readme', { 'README.md': 'more\n' });
    await story.noteSays(loud.iid, /Nothing to plan/);
    await story.olga.push('main', { 'countersign.yaml': 'version: 1\nsilence: [no-projects, draft]\n' });
    const untouched = await story.propose('quiet', { 'README.md': 'less\n' });
    const draft = await story.propose(
      'draft',
      { 'biz/dev/draft/main.tf': plain('draft', 'narrow') },
      'Draft: not yet',
    );
    for (const [{ iid, sha }, status] of [
      [untouched, 'nothing-touched'],
      [draft, 'not-admitted'],
    ] as const) {
      await story.changeIs(iid, status);
      await isQuiet(iid);
      expect(await story.notes(iid)).toEqual([]);
      expect(await story.erin.asked(`/repository/commits/${sha}/statuses`)).toEqual([]);
    }
  });
});
