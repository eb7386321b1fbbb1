import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backstage } from '#test/support/gitlab-backstage.ts';
import { APPROVAL_VARIABLE, openStory, type Story, subnet, until } from '#test/support/story.ts';

describe('an apply that meets with difficulties', () => {
  let story: Story;
  let behind: ReturnType<typeof backstage>;
  beforeAll(async () => {
    const program = (name: string, ...command: string[]) => ({ name, command });
    story = await openStory({
      workers: 2,
      sweepSeconds: 1,
      programs: [
        {
          match: 'biz/dev/hooked/**',
          preApply: [program('announce', 'echo', 'about to apply')],
          postApply: [program('tell', 'printenv', 'COUNTERSIGN_EXIT_CODE')],
        },
        { match: 'biz/dev/hooked/refused', preApply: [program('gatekeeper', 'false')] },
      ],
    });
    behind = backstage(story);
  });
  afterAll(() => story?.close());

  const network = (state: string, extra = '') =>
    story.module(state, APPROVAL_VARIABLE + subnet('first', '10.0.0.0/24') + extra);
  const approve = async (iid: number) => {
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    return key;
  };
  const outcomes = async (iid: number) => (await story.attempts(iid)).map(({ outcome }) => outcome);

  test('a held state lock changes nothing: the same approval carries the equal plan of afterwards', async () => {
    const { iid } = await story.propose('locked', { 'fin/prod/locked/main.tf': network('locked') });
    const key = await approve(iid);
    await story.changeIs(iid, 'ready');
    await behind.lockState('locked');
    await story.olga.comment(iid, 'countersign apply');
    await until('the attempt to fail cleanly and its plan to be made again', async () => {
      const entries = await story.entries(iid);
      return entries.includes('plan-rebound') ? entries : undefined;
    });
    expect(await outcomes(iid)).toEqual(['failed-clean']);
    // Nobody applies by himself what failed before, though the lock is free and the approval stands.
    await behind.freeState('locked');
    await story.changeIs(iid, 'ready');
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
    expect(await outcomes(iid)).toEqual(['failed-clean', 'succeeded']);
    expect((await story.erin.tag(`release/${key}`)).name).toBe(`release/${key}`);
    const digests = await story.query<{ digest: string }>(
      'select digest from plan_runs where change_id = $1 order by queued_at',
      [(await story.changeOf(iid)).id],
    );
    expect(digests).toHaveLength(2);
    expect(digests[1]).toEqual(digests[0]);
    expect((await behind.state('locked')).versions).toHaveLength(1);
  });

  test('a merge refused after the apply is made later by itself, and the project stays held until then', async () => {
    const { iid } = await story.propose('unmerged', { 'biz/dev/unmerged/main.tf': network('unmerged') });
    const key = await story.ticketIs(iid, 'In review');
    await behind.arm({ kind: 'status', status: 405, method: 'PUT', path: '/merge$', count: 1_000 });
    await story.adamInJira.move(key, 'Approved');
    const stuck = await story.changeIs(iid, 'applied-unmerged');
    expect(stuck.state.release.status).toBe('tagged');
    expect(await holds(story, 'biz/dev/unmerged')).toEqual([stuck.id]);
    await story.noteSays(iid, /not merged/i);
    await story.ticketIs(iid, 'Done');

    await behind.disarm();
    await story.changeIs(iid, 'merged');
    expect((await story.erin.mergeRequest(iid)).state).toBe('merged');
    expect(await outcomes(iid)).toEqual(['succeeded']);
    expect(await holds(story, 'biz/dev/unmerged')).toEqual([]);
  });

  test('programs of the server run around an apply, and one in front of it that fails lets nothing start', async () => {
    const { iid } = await story.propose('hooked', { 'biz/dev/hooked/fine/main.tf': network('hooked-fine') });
    await approve(iid);
    await story.changeIs(iid, 'merged');
    const [attempt] = await story.attempts(iid);
    const lines = await until('what the programs printed', async () => {
      const rows = await story.query<{ line: string }>(
        'select line from run_output where run_id = $1 order by seq',
        [attempt?.id],
      );
      const all = rows.map(({ line }) => line);
      return all.at(-1) === '0' ? all : undefined;
    });
    expect(lines[0]).toBe('about to apply');

    const refused = { 'biz/dev/hooked/refused/main.tf': network('hooked-refused') };
    const other = await story.propose('hooked-refused', refused);
    await approve(other.iid);
    await until('the attempt to end', async () => (await outcomes(other.iid))[0] ?? undefined);
    expect(await outcomes(other.iid)).toEqual(['failed-clean']);
    expect((await story.attempts(other.iid))[0]).toMatchObject({
      reason: expect.stringContaining('Step "gatekeeper" ended with exit code 1'),
      terraform_pid: null,
    });
  });

  test('two projects that keep their state in one place are both not planned', async () => {
    const { iid } = await story.propose('one-state', {
      'biz/dev/one/main.tf': network('one-state'),
      'biz/dev/two/main.tf': network('one-state'),
    });
    await story.changeIs(iid, 'plan-failed');
    const note = await story.noteSays(iid, /keep their state in one place/);
    expect(note.body).toMatch(/biz\/dev\/one\/main\.tf:\d+/);
    expect(note.body).toMatch(/biz\/dev\/two\/main\.tf:\d+/);
  });

  test('a partial result gets no release tag, and the ticket says so', async () => {
    const broken = network(
      'partial-broken',
      `resource "terraform_data" "broken" {
  provisioner "local-exec" {
    command = "exit 1"
  }
}
`,
    );
    const { iid } = await story.propose('partial', {
      'biz/dev/partial/main.tf': network('partial'),
      'fin/prod/partial/main.tf': broken,
    });
    const key = await approve(iid);
    await story.changeIs(iid, 'ready');
    await story.olga.comment(iid, 'countersign apply');
    const failed = await story.changeIs(iid, 'apply-failed');
    expect(failed.state.projects.map(({ key: name, status }) => [name, status])).toEqual([
      ['biz/dev/partial', 'applied'],
      ['fin/prod/partial', 'apply-failed'],
    ]);
    // What terraform said while it applied stands in the note, with its line.
    const note = await story.noteSays(
      iid,
      /The apply of `fin\/prod\/partial` ended as[\s\S]*local-exec provisioner error/,
    );
    expect(note.body).toMatch(
      /\[`fin\/prod\/partial\/main\.tf:\d+`\]\([\s\S]*^ > +\d+: +provisioner "local-exec"/m,
    );
    await story.ticketIs(iid, 'Failed');
    expect(await outcomes(iid)).toEqual(['succeeded', 'failed-partial']);
    await expect(story.erin.tag(`release/${key}`)).rejects.toThrow('404');
    const { comments } = await story.adamInJira.comments(key);
    const last = JSON.stringify(comments.at(-1)?.body);
    expect(last).toContain('biz/dev/partial');
    expect(last).toContain('fin/prod/partial');
    expect(last).toMatch(/half way|part/i);
    expect((await story.erin.mergeRequest(iid)).state).toBe('opened');
  });
});

/** Changes that hold the project. */
async function holds(story: Story, project: string): Promise<string[]> {
  const rows = await story.query<{ change_id: string }>('select change_id from holds where project = $1', [
    project,
  ]);
  return rows.map(({ change_id }) => change_id);
}
