import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, post } from '#test/sandbox/house/http.ts';
import { LAPTOP_LINEAGE, writeState } from '#test/support/laptop.ts';
import {
  countEntries,
  fault,
  logTells,
  nothingApplied,
  onCommand,
  oneSubnet,
  quiet,
  refusedReply,
  replyTo,
  storedHooks,
} from '#test/support/refusals.ts';
import { openStory, type Story, until } from '#test/support/story.ts';

let story: Story;
beforeAll(async () => {
  story = await openStory({ sweepSeconds: 1 });
}, 60_000);
afterAll(() => story?.close());

describe('a forged hook', () => {
  test('without a signature, or with another’s, is turned away and not even stored', async () => {
    const { iid } = await story.propose('unsigned', oneSubnet(story, onCommand('unsigned')));
    await story.ticketIs(iid, 'In review');
    await quiet(story);
    const stored = await storedHooks(story);
    const payload = await lastHook('Merge Request');
    for (const secret of ['none', 'wrong'] as const)
      expect(await forge('merge_requests_events', payload, { secret })).toMatchObject({ status: '401' });
    expect(await storedHooks(story)).toBe(stored);
    await nothingApplied(story, iid);
  });

  test('that repeats an old delivery is stored once and plans nothing again', async () => {
    const { iid } = await story.propose('replayed', oneSubnet(story, onCommand('replayed')));
    await story.ticketIs(iid, 'In review');
    await quiet(story);
    const sent = (
      await ask<{ event: string; idempotencyKey: string; body: unknown }[]>(
        `${story.gitlabUrl}/sandbox/deliveries?event=Merge`,
      )
    ).at(-1);
    const before = { stored: await storedHooks(story), entries: await story.entries(iid) };
    for (let i = 0; i < 3; i += 1) {
      const answer = await forge('merge_requests_events', sent?.body, {
        idempotency_key: sent?.idempotencyKey ?? '',
      });
      expect(answer.status).toBe('200');
    }
    await quiet(story);
    expect({ stored: await storedHooks(story), entries: await story.entries(iid) }).toEqual(before);
    expect(await countEntries(story, iid, 'plan-run-ended')).toBe(1);
  });

  test('that gives a comment another author is answered for who wrote it', async () => {
    const { iid } = await story.propose('author', oneSubnet(story, onCommand('author')));
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    const { olga } = story.scene.players;
    await fault(story.gitlabUrl, { kind: 'hook-lose', event: 'Note', count: 1 });
    const note = await story.erin.comment(iid, 'countersign apply');
    const said = await lastHook('Note');
    const forged = {
      ...said,
      user: { ...(said['user'] as object), id: olga.gitlab.id, username: 'olga' },
      object_attributes: { ...(said['object_attributes'] as object), author_id: olga.gitlab.id },
    };
    expect((await forge('note_events', forged)).status).toBe('200');
    const { body } = await replyTo(story, iid, note, /\*\*Refused\*\*/);
    expect(body).toContain('erin does not have the operator role');
    await logTells(story, iid, 'command-received', /"username":"erin".*not-an-operator/);
    await nothingApplied(story, iid);
  });
});

describe('a comment that is no command', () => {
  test('does nothing: quoted, further down, or edited into one, even by a maintainer', async () => {
    const { iid } = await story.propose('comments', oneSubnet(story, onCommand('comments')));
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    const harmless = [
      '> countersign apply',
      'Shall I?\ncountersign apply',
      '\ncountersign apply',
      'I would say `countersign apply` now',
      '```\ncountersign apply\n```',
    ];
    for (const body of harmless) await story.olga.comment(iid, body);
    const { id } = await story.olga.comment(iid, 'Looks good to me');
    await until('the comment to be old enough for an edit to be told', async () => {
      const { created_at } = await story.olga.asked<{ created_at: string }>(notePath(iid, id));
      return Date.now() - Date.parse(created_at) > 1_100 ? true : undefined;
    });
    await story.mia.asked(notePath(iid, id), 'PUT', { body: 'countersign apply' });
    await sweptTwice();
    await quiet(story);
    expect(await countEntries(story, iid, 'command-received')).toBe(0);
    expect((await story.notes(iid)).filter(({ body }) => body.includes(':reply-'))).toEqual([]);
    expect((await story.changeOf(iid)).status).toBe('ready');
    await nothingApplied(story, iid);
  });
});

describe('a plan bundle that is not the approved one', () => {
  test('is not applied when another run’s lies in its place, nor when a byte of it was changed', async () => {
    const [one, other] = await Promise.all(
      ['bundle-one', 'bundle-other'].map(async (name) => {
        const { iid } = await story.propose(name, oneSubnet(story, onCommand(name)));
        const key = await story.ticketIs(iid, 'In review');
        await story.adamInJira.move(key, 'Approved');
        return { iid, change: await story.changeIs(iid, 'ready') };
      }),
    );
    if (one === undefined || other === undefined) throw new Error('two changes were made');
    await story.query(
      `update plan_bundles set ciphertext = (select ciphertext from plan_bundles where plan_run_id like $2)
       where plan_run_id like $1`,
      [`${one.change.id}.%`, `${other.change.id}.%`],
    );
    await story.query(
      'update plan_bundles set ciphertext = set_byte(ciphertext, 100, get_byte(ciphertext, 100) # 1) where plan_run_id like $1',
      [`${other.change.id}.%`],
    );
    for (const { iid } of [one, other]) {
      const reply = await refusedReply(story, story.olga, iid);
      expect(reply).toMatch(
        /`plan-unchanged`: plan bundle: approved [0-9a-f]{12}, now altered or exchanged since/,
      );
      expect(reply).toContain('have the new plan approved');
      await logTells(story, iid, 'gates-evaluated', /plan-unchanged.*altered or exchanged since/);
      await nothingApplied(story, iid);
    }
  });
});

describe('a state that moved after the plan', () => {
  test('refuses the apply, names both serials, and leaves the state as it was found', async () => {
    const { iid } = await story.propose('moved', oneSubnet(story, onCommand('moved')));
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    await writeState(story, 'fin-prod-moved', 7);
    const reply = await refusedReply(story, story.olga, iid);
    expect(reply).toContain(`state: approved none, now lineage ${LAPTOP_LINEAGE} serial 7`);
    expect(reply).toContain('comment `countersign plan`');
    await logTells(story, iid, 'gates-evaluated', /plan-unchanged.*serial 7/);
    await nothingApplied(story, iid);
    const states = `${story.gitlabUrl}/sandbox/projects/${story.scene.project.id}/states`;
    const { versions } = await ask<{ versions: { serial: number }[] }>(`${states}/fin-prod-moved`);
    expect(versions.map(({ serial }) => serial)).toEqual([7]);
  });
});

test('the log of all these forgeries proves itself', async () => {
  expect(await story.cli('audit', 'verify')).toMatchObject({ code: 0 });
});

const notePath = (iid: number, id: number) => `/merge_requests/${iid}/notes/${id}`;

/** The body of the newest hook of this kind that GitLab sent, or lost. */
async function lastHook(event: string): Promise<Record<string, unknown>> {
  await post(`${story.gitlabUrl}/sandbox/settle`, {});
  const sent = await ask<{ body: Record<string, unknown> }[]>(
    `${story.gitlabUrl}/sandbox/deliveries?event=${encodeURIComponent(event)}`,
  );
  const body = sent.at(-1)?.body;
  if (body === undefined) throw new Error(`GitLab sent no hook of ${event}`);
  return body;
}

function forge(
  event: string,
  payload: unknown,
  more: { secret?: 'none' | 'wrong'; idempotency_key?: string } = {},
): Promise<{ status: string }> {
  return post(`${story.gitlabUrl}/sandbox/hooks/${story.hooks.gitlabHookId}/forge`, {
    event,
    payload,
    ...more,
  });
}

/** Two whole rounds of the sweep began and ended after now. */
async function sweptTwice(): Promise<void> {
  const round = async () => {
    const [row] = await story.query<{ at: Date }>("select at from sweep_cursors where name = 'tickets'");
    return row?.at.getTime() ?? 0;
  };
  for (let i = 0; i < 3; i += 1) {
    const before = await round();
    await until('a round of the sweep', async () => ((await round()) > before ? true : undefined));
  }
}
