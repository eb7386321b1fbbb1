import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen } from '#store/listen.ts';
import { type DatabaseDoor, openDatabaseDoor } from '#test/support/database-door.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';

let database: TestDatabase;
let admin: pg.Client;
let door: DatabaseDoor;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client(database.adminUrl);
  await admin.connect();
  door = await openDatabaseDoor(database.url);
});

afterAll(async () => {
  door.close();
  await admin.end();
  await database.drop();
});

test('who lost the database tries one connection at a time, and hears again when it is back', async () => {
  let heard = 0;
  const ears = await listen(door.url, 'news', () => void heard++);
  expect(heard).toBe(1);
  door.shut();
  await expect.poll(() => door.knocks.length, { timeout: 5_000 }).toBe(5);
  const gaps = door.knocks.slice(2).map((at, index) => at - (door.knocks[index + 1] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(300);
  door.open();
  await expect.poll(() => heard, { timeout: 5_000 }).toBe(2);
  await admin.query('notify news');
  await expect.poll(() => heard).toBe(3);
  await ears.close();
  expect(door.inside()).toBe(0);
});

test('it can be closed while it has no connection', async () => {
  const ears = await listen(door.url, 'news', () => undefined);
  const before = door.knocks.length;
  door.shut();
  await expect.poll(() => door.knocks.length, { timeout: 5_000 }).toBeGreaterThan(before);
  await ears.close();
  door.open();
});
