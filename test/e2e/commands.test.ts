import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gitlabAs, type Note } from '#test/sandbox/house/actors.ts';
import { evidenceRecord } from '#test/support/evidence-record.ts';
import { backstage } from '#test/support/gitlab-backstage.ts';
import { APPROVAL_VARIABLE, openStory, type Story, subnet, until } from '#test/support/story.ts';

interface StateFile {
  resources: { name: string; instances: { attributes: { id: string } }[] }[];
}

describe('commands with selectors, questions and adjustments', () => {
  let story: Story;
  let behind: ReturnType<typeof backstage>;
  beforeAll(async () => {
    story = await openStory({ understandsAtlantis: true });
    behind = backstage(story);
  });
  afterAll(() => story?.close());

  const network = (state: string, extra = '') =>
    story.module(state, APPROVAL_VARIABLE + subnet('first', '10.0.0.0/24') + extra);
  /** The answer to a note, once it says this. */
  const answer = (iid: number, { id, body }: Note, says: RegExp) =>
    until(
      `the answer to "${body}" to say ${says}`,
      async () => {
        const found = (await story.notes(iid)).find((note) => note.body.includes(`:reply-${id} `));
        return found !== undefined && says.test(found.body) ? found.body : undefined;
      },
      { show: async () => (await story.notes(iid)).map((note) => note.body).join('\n---\n') },
    );
  const runs = async (iid: number) => {
    const rows = await story.query<{ project: string; runs: number }>(
      `select project, count(*)::int as runs from plan_runs where change_id = $1 group by project order by project`,
      [(await story.changeOf(iid)).id],
    );
    return Object.fromEntries(rows.map(({ project, runs: count }) => [project, count]));
  };
  const statuses = async (iid: number) =>
    Object.fromEntries((await story.changeOf(iid)).state.projects.map(({ key, status }) => [key, status]));
  const allAre = (iid: number, status: string) =>
    until(
      `every project of !${iid} to be ${status}`,
      async () => Object.values(await statuses(iid)).every((each) => each === status) || undefined,
      { show: async () => JSON.stringify(await story.changeOf(iid), null, 1) },
    );

  test('plan and apply take the projects that are named, by folder, by pattern, touched or not, in every accepted spelling', async () => {
    const { iid } = await story.propose('chosen', {
      'fin/prod/alpha/main.tf': network('alpha'),
      'fin/prod/beta/main.tf': network('beta'),
    });
    await story.ticketIs(iid, 'In review');
    await allAre(iid, 'awaiting-approval');

    const byFolder = await story.erin.comment(iid, '`countersign plan -d fin/prod/alpha`');
    await answer(iid, byFolder, /Accepted\*\* `countersign plan -d fin\/prod\/alpha`/);
    await until(
      'alpha to be planned again',
      async () => (await runs(iid))['fin/prod/alpha'] === 2 || undefined,
    );
    expect(await runs(iid)).toEqual({ 'fin/prod/alpha': 2, 'fin/prod/beta': 1 });

    const [bot] = await story.notes(iid);
    const mention = `@${bot?.author.username} plan --project 'fin/prod/b*'`;
    await answer(iid, await story.erin.comment(iid, mention), /`countersign plan -p fin\/prod\/b\*`/);
    await until(
      'beta to be planned again',
      async () => (await runs(iid))['fin/prod/beta'] === 2 || undefined,
    );

    const untouched = await story.erin.comment(iid, 'atlantis plan -d biz/dev/network --verbose');
    await answer(iid, untouched, /does not touch|is being planned/);
    await until(
      'the untouched project to be planned',
      async () => (await runs(iid))['biz/dev/network'] || undefined,
    );
    await allAre(iid, 'awaiting-approval');

    const nowhere = await story.erin.comment(iid, 'countersign apply -d fin/prod/gamma');
    await answer(iid, nowhere, /fits no project here.*alpha.*beta/is);

    await story.adamInJira.move(await story.ticketIs(iid, 'In review'), 'Approved');
    await until('the two projects to wait for a command', async () => {
      const now = await statuses(iid);
      return now['fin/prod/alpha'] === 'ready' && now['fin/prod/beta'] === 'ready' ? now : undefined;
    });
    const one = await story.olga.comment(iid, 'countersign apply -p fin/prod/alpha');
    await answer(iid, one, /Accepted\*\* `countersign apply -p fin\/prod\/alpha`/);
    await until(
      'alpha alone to be applied',
      async () => (await statuses(iid))['fin/prod/alpha'] === 'applied' || undefined,
    );
    expect((await statuses(iid))['fin/prod/beta']).toBe('ready');
    await story.olga.comment(iid, 'atlantis apply');
    await story.changeIs(iid, 'merged');
  });

  test('questions are answered on what is named and change nothing, whatever stands below the first line', async () => {
    const { iid } = await story.propose('asked', {
      'fin/prod/asked/main.tf': network('asked'),
      'fin/prod/other/main.tf': network('other'),
    });
    await story.ticketIs(iid, 'In review');
    await allAre(iid, 'awaiting-approval');
    const asked = async (body: string, says: RegExp) =>
      answer(iid, await story.erin.comment(iid, body), says);
    const before = await story.changeOf(iid);

    expect(await asked('countersign status\ncountersign cancel', /fin\/prod\/asked/)).toContain(
      'fin/prod/other',
    );
    const why = await asked('countersign why -d fin/prod/asked', /ticket-approved/);
    expect(why).not.toContain('fin/prod/other');
    expect(why).toMatch(/in review/i);
    await asked('countersign diff', /fin\/prod\/asked/);
    await asked('countersign version -p fin/prod/o*', /terraform \d+\.\d+\.\d+/);

    const typo = await asked('countersing plan -d fin/prod/asked', /Not understood/);
    expect(typo).toContain('Did you mean `countersign plan -d fin/prod/asked`');
    expect(await asked('terraform plan', /Not understood/)).toContain('Did you mean `countersign plan`');
    expect(await asked('countersign plan -- -target=x', /Not understood/)).toContain(
      'workflow configuration',
    );
    const talk = await story.erin.comment(iid, 'terraform plan looks fine on my machine');
    const outsider = await gitlabAs(story, story.scene.players.adam).comment(iid, 'countersign plan');
    await answer(iid, outsider, /Refused.*adam is a Reporter of this project/s);
    expect((await story.notes(iid)).filter(({ body }) => body.includes(`:reply-${talk.id} `))).toEqual([]);

    const after = await story.changeOf(iid);
    expect([after.status, after.state]).toEqual([before.status, before.state]);
    expect(await runs(iid)).toEqual({ 'fin/prod/asked': 1, 'fin/prod/other': 1 });
  });

  test('a command on a busy change waits its turn and says so; cancel and unlock end what waits', async () => {
    const slow = { kind: 'slow', ms: 4_000, method: 'GET', path: '/terraform/state/busy$', count: 1 };
    await behind.arm(slow);
    const { iid } = await story.propose('busy', { 'fin/prod/busy/main.tf': network('busy') });
    await until('terraform to ask for the state', async () =>
      (await behind.faults()).some(({ struck }) => struck > 0) ? true : undefined,
    );
    const early = await story.olga.comment(iid, 'countersign apply');
    await answer(iid, early, /Waiting\*\* `countersign apply`.*just being planned/s);
    await answer(iid, early, /Refused.*ticket-approved/s);
    await story.ticketIs(iid, 'In review');

    await behind.disarm();
    await behind.arm({ ...slow, ms: 20_000 });
    await story.erin.comment(iid, 'countersign plan -d fin/prod/busy');
    await until('the state to be asked for again', async () =>
      (await behind.faults()).some(({ struck }) => struck > 0) ? true : undefined,
    );
    const second = await story.olga.comment(iid, 'countersign apply');
    await answer(iid, second, /Waiting/);
    await story.erin.comment(iid, 'countersign cancel');
    await answer(iid, second, /Refused.*erin cancelled this change while it was waiting/s);
    await behind.disarm();
    await story.changeIs(iid, 'cancelled');

    await story.erin.comment(iid, 'countersign plan');
    await story.ticketIs(iid, 'In review');
    await allAre(iid, 'awaiting-approval');
    const unlock = await story.erin.comment(iid, 'countersign unlock');
    await answer(iid, unlock, /Accepted\*\* `countersign unlock`.*plans are given up/s);
    await story.changeIs(iid, 'cancelled');
    expect(await story.attempts(iid)).toEqual([]);
  });

  test('import and state rm make a plan that needs its own approval, and its apply does both', async () => {
    const kept = `resource "terraform_data" "each" {
  for_each = toset(["a"])
}
`;
    const old = `resource "terraform_data" "old" {
  input = "old"
}
`;
    const first = await story.propose('before', { 'biz/dev/moved/main.tf': network('moved', old) });
    await story.adamInJira.move(await story.ticketIs(first.iid, 'In review'), 'Approved');
    await story.changeIs(first.iid, 'merged');

    const { iid } = await story.propose('after', { 'biz/dev/moved/main.tf': network('moved', kept) });
    const key = await story.ticketIs(iid, 'In review');
    await story.noteSays(iid, /terraform_data\.old/);
    const many = await story.erin.comment(iid, 'countersign state rm -d biz/dev/moved terraform_data.old');
    await answer(iid, many, /Accepted\*\* `countersign state rm -d biz\/dev\/moved terraform_data.old`/);
    const adopt = await story.erin.comment(iid, 'countersign import terraform_data.each["a"] 0815');
    await answer(iid, adopt, /Accepted\*\* `countersign import terraform_data.each\["a"\] 0815`/);
    await story.noteSays(iid, /import[\s\S]*forg[eo]t|forg[eo]t[\s\S]*import/i);
    await until('the plan with both to be in review', async () => {
      const { state } = await story.changeOf(iid);
      const planned = state.projects.every(({ status }) => status === 'awaiting-approval');
      return planned && state.ticket.review?.status === 'in-review' ? state : undefined;
    });
    await story.adamInJira.move(await story.ticketIs(iid, 'In review'), 'Approved');
    await story.changeIs(iid, 'merged');
    expect((await story.changeOf(iid)).approval_id).toBe(key);
    expect(await story.attempts(iid)).toMatchObject([{ outcome: 'succeeded' }]);
    const by = { gitlabId: story.scene.players.erin.gitlab.id, username: 'erin' };
    const project = 'biz/dev/moved';
    expect(await evidenceRecord(story, key)).toMatchObject({
      what: {
        adjustments: [
          { project, kind: 'forget', address: 'terraform_data.old', by },
          { project, kind: 'import', address: 'terraform_data.each["a"]', id: '0815', by },
        ],
      },
    });
    const { resources } = await story.erin.asked<StateFile>('/terraform/state/moved');
    expect(resources.map(({ name, instances }) => [name, instances[0]?.attributes.id])).toEqual([
      ['each', '0815'],
      ['first', expect.any(String)],
    ]);
    const destroyed = await story.query(
      `select 1 from run_output where line like 'terraform_data.old: Destr%' or line like 'terraform_data.old: Delet%'`,
    );
    expect(destroyed).toEqual([]);
  });
});
