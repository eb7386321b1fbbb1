import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createJobDesk, type JobDesk, type NewJob } from '#app/job-desk.ts';
import { toJob } from '#app/to-job.ts';
import { AT_REST } from '#domain/effect-keys.ts';
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

describe('what is asked for at a time', () => {
  const at = (inMs: number) => new Date(Date.now() + inMs).toISOString();
  const isDue = async () => (await desk.takeDue(1_000)).some(({ effect }) => effect === 'publish-note');

  test('is due then, and the relay knows when to wake up', async () => {
    await desk.request(changeId, { type: 'publish-note' }, at(60_000));
    expect(await isDue()).toBe(false);
    const wait = (await desk.nextDue()) ?? Number.NaN;
    expect(wait).toBeGreaterThan(30_000);
    expect(wait).toBeLessThan(61_000);
  });

  test('is done at once when that is wanted as well, and a later wish does not put it off', async () => {
    await desk.request(changeId, { type: 'publish-note' }, at(60_000));
    await desk.request(changeId, { type: 'publish-note' });
    await desk.request(changeId, { type: 'publish-note' }, at(120_000));
    expect(await isDue()).toBe(true);
  });

  test('one look for each time, however often it is asked for', async () => {
    const [soon, later] = [at(60_000), at(120_000)];
    for (const time of [soon, later, soon])
      await desk.enqueue([toJob(changeId, { type: 'wake-change', at: time }, AT_REST)]);
    const rows = await app.db
      .selectFrom('outbox')
      .select('run_after')
      .where('change_id', '=', changeId)
      .orderBy('run_after')
      .execute();
    expect(rows.map(({ run_after }) => run_after.toISOString())).toEqual([soon, later]);
  });
});

describe('plans take turns', () => {
  const plan = (change: string, project: string, mostAtOnce?: number): NewJob => ({
    effect: 'run-plan',
    changeId: change,
    payload: { project },
    inTurn: true,
    ...(mostAtOnce === undefined ? {} : { mostAtOnce }),
  });
  const many = (change: string, count: number, mostAtOnce?: number) =>
    Array.from({ length: count }, (_, i) => plan(change, `${change}-${i + 1}`, mostAtOnce));
  const another = async () => {
    iid += 1;
    return ledger.noticeMergeRequest({ repository: 7, iid });
  };
  const leased = async (id: number) => {
    const job = await desk.lease(id, 'test');
    if (job === undefined) throw new Error(`job ${id} cannot be leased`);
    return job;
  };
  const duePlans = async () => (await desk.takeDue(1_000)).filter(({ turn }) => turn > 0);
  /** Does all that is due, one after another, in the order of turns; returns the changes they belong to. */
  const doAll = async () => {
    const order: (string | undefined)[] = [];
    for (const { id } of await duePlans()) {
      const job = await leased(id);
      order.push(job.changeId);
      await desk.complete(job);
    }
    return order;
  };

  test('the first of each change comes before the second of any', async () => {
    const small = await another();
    await desk.enqueue(many(changeId, 4));
    await desk.enqueue(many(small, 2));
    expect(await doAll()).toEqual([changeId, small, changeId, small, changeId, changeId]);
  });

  test('a change that comes late begins where the others are: neither behind all of them nor in front for long', async () => {
    await desk.enqueue(many(changeId, 50));
    const first = await duePlans();
    for (const { id } of first.slice(0, 40)) await desk.complete(await leased(id));
    const late = await another();
    await desk.enqueue(many(late, 10));
    const [due] = await duePlans();
    expect(due?.turn).toBe(first[40]?.turn);
    for (const { id } of first.slice(40)) await desk.complete(await leased(id));
  });

  test('no more of a change than is configured are underway, whoever asks', async () => {
    await desk.enqueue(many(changeId, 5, 2));
    const [first, second, ...more] = await duePlans();
    expect(more).toEqual([]);
    if (first === undefined || second === undefined) throw new Error('two were to be due');
    expect(await desk.lease(second.id + 1, 'test')).toBeUndefined();
    await desk.complete(await leased(second.id));
    expect(await duePlans()).toMatchObject([{ id: second.id + 1 }]);
  });
});
