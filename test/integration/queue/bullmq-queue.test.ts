import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBullmqQueue } from '#adapters/queue/bullmq-queue.ts';
import type { JobQueue } from '#app/ports/queue.ts';
import { SteadyClient } from '#store/steady-client.ts';
import { type DatabaseDoor, openDatabaseDoor } from '#test/support/database-door.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';

// The queue in PostgreSQL, and the loss of its connections at the worst of times.

let database: TestDatabase;
let admin: pg.Client;
let door: DatabaseDoor;
let queue: JobQueue;

beforeEach(async () => {
  database = await createTestDatabase();
  admin = new pg.Client(database.adminUrl);
  await admin.connect();
  door = await openDatabaseDoor(database.url);
  queue = createBullmqQueue({ kind: 'postgres', url: door.url, Client: SteadyClient }, () => undefined);
});

afterEach(async () => {
  await queue.close();
  door.close();
  await admin.end();
  await database.drop();
});

async function ringsWaiting(): Promise<number> {
  return (await admin.query('select from bullmq.job')).rowCount ?? 0;
}

test('a ring that failed since the database was away does not make the next one fail', async () => {
  door.shut();
  await expect(queue.ring('effects', { row: 1, tries: 0 })).rejects.toThrow('terminated');
  door.open();
  await queue.ring('effects', { row: 1, tries: 0 });
  expect(await ringsWaiting()).toBe(1);
});

test('a ring that nobody heard since the database came back is answered within seconds', async () => {
  const answered: number[] = [];
  await queue.answer('effects', 1, async (row) => void answered.push(row));
  await queue.ring('plan', { row: 7, tries: 0 });
  door.shut();
  const before = door.knocks.length;
  await expect.poll(() => door.knocks.length).toBeGreaterThan(before + 2);
  door.open();
  await expect.poll(isListening).toBe(true);
  // As `ring` writes it, and without the notification that goes with it.
  await admin.query(
    `insert into bullmq.job select (jsonb_populate_record(null::bullmq.job, to_jsonb(job) || '{"queue": "effects"}')).* from bullmq.job job`,
  );
  await expect.poll(() => answered, { timeout: 10_000 }).toEqual([7]);
}, 20_000);

/** It has looked once more for what waits, which it does when it listens. */
async function isListening(): Promise<boolean> {
  const { rows } = await admin.query<{ is: boolean }>(
    `select count(distinct what) = 2 as is from pg_stat_activity,
      unnest(array['LISTEN bullmq_jobs', 'next_delay(']) as what
      where datname = current_database() and pid <> pg_backend_pid() and state = 'idle' and position(what in query) > 0`,
  );
  return rows[0]?.is === true;
}
