import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backstage } from '#test/support/gitlab-backstage.ts';
import { describeOnEachQueueBackend } from '#test/support/queue-backends.ts';
import type { RedisServer } from '#test/support/redis.ts';
import { APPROVAL_VARIABLE, type Story, subnet, until } from '#test/support/story.ts';
import { openStoryOn } from '#test/support/story-on-queue.ts';

describeOnEachQueueBackend('a queue that loses everything in mid-flight', (backend) => {
  let story: Awaited<ReturnType<typeof openStoryOn>>;
  beforeAll(async () => {
    story = await openStoryOn(backend);
  });
  afterAll(() => story?.close());

  test('loses nothing: every step is rung for again, and the change is applied once', async () => {
    const behind = backstage(story);
    const lost: number[] = [];
    const loseQueue = async () => lost.push(await emptyQueue(story, story.redis));
    const body = APPROVAL_VARIABLE + subnet('first', '10.0.0.0/24');
    await behind.arm({ kind: 'slow', ms: 2_000, method: 'GET', path: '/terraform/state/lost$', count: 1 });
    await story.workers[0]?.stop();
    const { iid } = await story.propose('lost', { 'fin/prod/lost/main.tf': story.module('lost', body) });
    await story.startWorker();
    await loseQueue();
    await until('terraform to plan', async () =>
      (await behind.faults()).some(({ struck }) => struck > 0) ? true : undefined,
    );
    await loseQueue();
    const key = await story.ticketIs(iid, 'In review');
    await loseQueue();
    await story.adamInJira.move(key, 'Approved');
    await loseQueue();
    await story.changeIs(iid, 'ready');
    await story.olga.comment(iid, 'countersign apply');
    await loseQueue();
    await until('the apply to be claimed', async () =>
      (await story.attempts(iid)).length > 0 ? true : undefined,
    );
    await loseQueue();
    await story.changeIs(iid, 'merged');
    await story.ticketIs(iid, 'Done');
    expect(lost).toHaveLength(6);
    expect(Math.max(...lost)).toBeGreaterThan(0);
    expect((await story.attempts(iid)).map(({ outcome }) => outcome)).toEqual(['succeeded']);
    expect((await behind.state('lost')).versions).toHaveLength(1);
    expect((await story.notes(iid)).filter(({ body: text }) => text.includes(':note -->'))).toHaveLength(1);
  });
});

/** Everything BullMQ has, gone; tells how much that was. */
async function emptyQueue(story: Story, redis: RedisServer | undefined): Promise<number> {
  if (redis !== undefined) {
    const client = new Redis(redis.url);
    const keys = await client.dbsize();
    await client.flushall();
    client.disconnect();
    return keys;
  }
  const tables = await story.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname = 'bullmq' and tablename not like '%migration%'`,
  );
  let rows = 0;
  for (const { name } of tables) rows += (await story.query(`delete from ${name} returning 1`)).length;
  return rows;
}
