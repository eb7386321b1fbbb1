import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from '#store/database.ts';
import { readDatabaseTypes, renderDatabaseTypes } from '#test/support/database-types.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';

let database: TestDatabase;
let open: OpenDatabase;
const lost: Error[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  open = openDatabase(database.url, {
    max: 3,
    applicationName: 'test',
    onError: (error) => lost.push(error),
  });
});

afterAll(async () => {
  await open.close();
  await database.drop();
});

test('the types in the repository are those of the migrations (npm run db:types)', async () => {
  expect(readDatabaseTypes()).toBe(await renderDatabaseTypes(database.adminUrl));
});

test('a count is a number, and a bigint that a number cannot hold is an error', async () => {
  const { rows } = await sql<{ n: number }>`select 9007199254740991::bigint as n`.execute(open.db);
  expect(rows).toEqual([{ n: 9007199254740991 }]);
  await expect(sql`select 9007199254740992::bigint`.execute(open.db)).rejects.toThrow(
    'does not fit a number',
  );
});

test('a date stays the text that it is', async () => {
  const { rows } = await sql`select date '2026-03-29' as day`.execute(open.db);
  expect(rows).toEqual([{ day: '2026-03-29' }]);
});

test('a wait for a lock gives up after two seconds', async () => {
  const lock = sql`select pg_advisory_xact_lock(1)`;
  await open.db.transaction().execute(async (holder) => {
    await lock.execute(holder);
    const waiting = open.db.transaction().execute((other) => lock.execute(other));
    await expect(waiting).rejects.toMatchObject({ code: '55P03' });
  });
});

test('the pool survives the loss of its idle connections and reports it', async () => {
  await sql`select 1`.execute(open.db);
  await expect.poll(() => open.pool.idleCount).toBeGreaterThan(0);
  const admin = new pg.Client(database.adminUrl);
  await admin.connect();
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test' and datname = current_database()`,
  );
  await admin.end();
  await expect.poll(() => lost.length).toBeGreaterThan(0);
  expect((await sql`select 1 as one`.execute(open.db)).rows).toEqual([{ one: 1 }]);
});

test('closing ends connections that were used past the query builder as well', async () => {
  const other = openDatabase(database.url, { max: 1, applicationName: 'test', onError: () => undefined });
  await other.pool.query('select 1');
  await other.close();
  expect(other.pool.totalCount).toBe(0);
  await expect(other.pool.query('select 1')).rejects.toThrow('after calling end');
});
