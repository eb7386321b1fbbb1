import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createJobDesk, type JobDesk } from '#app/job-desk.ts';
import { createLedger, type Ledger } from '#app/ledger.ts';
import { lockChange } from '#store/changes.ts';
import { type OpenDatabase, openDatabase } from '#store/database.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';

let database: TestDatabase;
let app: OpenDatabase;
let ledger: Ledger;
let desk: JobDesk;
let iid = 0;
let changeId = '';

beforeAll(async () => {
  database = await createTestDatabase();
  app = openDatabase(database.url, { max: 10, applicationName: 'app', onError: () => undefined });
  ledger = createLedger(app.db);
  desk = createJobDesk(app.db, database.url, { leaseMs: 60_000, forgottenAfterMs: 1_000 });
});
afterAll(async () => {
  await app.close();
  await database.drop();
});
beforeEach(async () => {
  iid += 1;
  changeId = await ledger.noticeMergeRequest({ repository: 7, iid });
});

test('a job is asked for while a fact of the same change is being recorded: neither waits for the other', async () => {
  const asked = await app.db.transaction().execute(async (trx) => {
    await lockChange(trx, changeId);
    return desk.request(changeId, { type: 'read-merge-request' }).then(() => 'asked for');
  });
  expect(asked).toBe('asked for');
});
