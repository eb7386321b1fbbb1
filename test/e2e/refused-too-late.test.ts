import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logTells, nothingApplied, onApproval, oneSubnet, refusedReply } from '#test/support/refusals.ts';
import { openStory, type Story, until } from '#test/support/story.ts';

const SWEEP_SELDOM = 'everySeconds: 3600';

let story: Story;
beforeAll(async () => {
  story = await openStory({ gates: { planMaxAgeSeconds: 3 }, sweepSeconds: 3_600 });
}, 60_000);
afterAll(() => story?.close());

test('a plan that is too old is not applied; approved as it is, it is made again, and an equal one needs no other approval', async () => {
  const { iid } = await story.propose('too-old', oneSubnet(story, onApproval('too-old')));
  const key = await story.ticketIs(iid, 'In review');
  await until('the plan to be too old', async () => {
    const [plan] = await story.query<{ old: boolean }>(
      `select (state #>> '{projects,0,plan,plannedAt}')::timestamptz < now() - interval '4 s' as old
       from changes where iid = $1`,
      [iid],
    );
    return plan?.old === true ? true : undefined;
  });
  await story.adamInJira.move(key, 'Approved');
  const { body } = await story.noteSays(iid, /is blocked/);
  expect(body).toMatch(/`plan-fresh` no: the plan is \d+ s old; at most 3 s are allowed\./);
  expect(body).toContain('and have the new plan approved');
  await logTells(story, iid, 'gates-evaluated', /plan-fresh.*at most 3 s are allowed/);
  await nothingApplied(story, iid);

  await sweepOften();
  await story.changeIs(iid, 'merged');
  expect(await story.entries(iid)).toEqual(expect.arrayContaining(['plan-expired', 'plan-rebound']));
  expect((await story.ticketMoves(key)).filter((to) => to === 'In review')).toHaveLength(1);
  expect(await story.attempts(iid)).toHaveLength(1);
});

test('a plan that nobody approves in time expires, and a new one comes under a new ticket', async () => {
  const { iid } = await story.propose('unread', oneSubnet(story, onApproval('unread')));
  const key = await story.ticketIs(iid, 'Expired');
  await story.noteSays(iid, /\*\*The approval expired\.\*\*/);
  const reply = await refusedReply(story, story.olga, iid);
  expect(reply).toContain('expired');
  await logTells(story, iid, 'plan-expired', /unread/);
  await nothingApplied(story, iid);

  await story.erin.comment(iid, 'countersign plan');
  const other = await until('another ticket', async () => {
    const { approval_id } = await story.changeOf(iid);
    return approval_id !== null && approval_id !== key ? approval_id : undefined;
  });
  expect(other).not.toBe(key);
  expect(await story.cli('audit', 'verify')).toMatchObject({ code: 0 });
});

/** The service with a sweep every second, which is what finds plans that got too old. */
async function sweepOften(): Promise<void> {
  const file = join(story.dir, 'countersign.server.yaml');
  const config = await readFile(file, 'utf8');
  expect(config).toContain(SWEEP_SELDOM);
  await writeFile(file, config.replace(SWEEP_SELDOM, 'everySeconds: 1'));
  await Promise.all(story.workers.map((worker) => worker.stop()));
  await story.startWorker();
}
