import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBullmqQueue, type QueueBackend } from '#adapters/queue/bullmq-queue.ts';
import type { JobQueue } from '#app/ports/queue.ts';
import { SteadyClient } from '#store/steady-client.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';
import { describeOnEachQueueBackend } from '#test/support/queue-backends.ts';
import { type RedisServer, startRedis } from '#test/support/redis.ts';

describeOnEachQueueBackend('turns', (backend) => {
  let database: TestDatabase | undefined;
  let redis: RedisServer | undefined;
  let queue: JobQueue;

  beforeEach(async () => {
    const place: QueueBackend =
      backend === 'redis'
        ? { kind: 'redis', url: (redis = await startRedis()).url }
        : { kind: 'postgres', url: (database = await createTestDatabase()).url, Client: SteadyClient };
    queue = createBullmqQueue(place, () => undefined);
  });
  afterEach(async () => {
    await queue.close();
    await database?.drop();
    await redis?.stop();
  });

  test('are taken in their order, equal ones as they were rung for, and what needs none goes before', async () => {
    const turns = [3, 1, 2, 0, 1, 2_097_151, 0];
    for (const [row, turn] of turns.entries()) await queue.ring('plan', { row, tries: 0, turn });
    const answered: number[] = [];
    await queue.answer('plan', 1, async (row) => void answered.push(row));
    await expect.poll(() => answered, { timeout: 10_000 }).toEqual([3, 6, 1, 4, 2, 0, 5]);
  });

  test('a turn that comes while others wait is taken before theirs', async () => {
    for (let row = 1; row <= 20; row += 1) await queue.ring('plan', { row, tries: 0, turn: row + 10 });
    const answered: number[] = [];
    const late = Promise.withResolvers<void>();
    await queue.answer('plan', 1, async (row) => {
      answered.push(row);
      if (answered.length > 1) return;
      await queue.ring('plan', { row: 99, tries: 0, turn: 11 });
      late.resolve();
    });
    await late.promise;
    await expect.poll(() => answered.length, { timeout: 10_000 }).toBe(21);
    expect(answered.slice(0, 3)).toEqual([1, 99, 2]);
  });
});
