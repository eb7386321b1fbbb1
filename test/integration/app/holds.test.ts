import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLedger, type Ledger } from '#app/ledger.ts';
import type { Change } from '#domain/change.ts';
import { toReserve } from '#domain/holds.ts';
import { type OpenDatabase, openDatabase } from '#store/database.ts';
import { reading, sha, target } from '#test/unit/core/facts.ts';
import { letGoUnheard } from '#workers/tell-waiting.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';

const SERVICE = { kind: 'service', component: 'test' } as const;
const REPOSITORY = 7;

let database: TestDatabase;
let app: OpenDatabase;
let ledger: Ledger;

beforeAll(async () => {
  database = await createTestDatabase();
  app = openDatabase(database.url, { max: 10, applicationName: 'app', onError: () => undefined });
  ledger = createLedger(app.db);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

/** A change that plans these projects, each held from its plan on. */
async function planning(iid: number, ...keys: string[]): Promise<Change> {
  const changeId = await ledger.noticeMergeRequest({ repository: REPOSITORY, iid });
  const targets = keys.map((key) => target(key, { holdFrom: 'plan' }));
  const { reading: read } = reading(sha('a'), targets, { mergeRequest: { repository: REPOSITORY, iid } });
  await ledger.record({ changeId, fact: { type: 'merge-request-read', reading: read }, actor: SERVICE });
  return changeNow(changeId);
}

async function changeNow(id: string): Promise<Change> {
  const change = await ledger.change(id);
  if (change === undefined) throw new Error(`no change ${id}`);
  return change;
}

function firstRun({ projects }: Change): string {
  const [first] = projects;
  if (first?.status !== 'planning') throw new Error('nothing is being planned');
  return first.planRunId;
}

function reserve(change: Change) {
  const fact = {
    type: 'projects-reserved',
    planRunId: firstRun(change),
    projects: toReserve(change),
  } as const;
  return ledger.record({ changeId: change.id, fact, actor: SERVICE });
}

async function holders(...keys: string[]): Promise<(string | undefined)[]> {
  const found = await Promise.all(keys.map((key) => ledger.hold(REPOSITORY, key)));
  return found.map((hold) => hold?.changeId);
}

describe('projects that two changes want at once', () => {
  test('are all one change’s, whatever order they are listed in', async () => {
    const keys = Array.from({ length: 20 }, (_, i) => `many/p${String(i).padStart(2, '0')}`);
    const [one, other] = [await planning(1, ...keys), await planning(2, ...keys.toReversed())];
    const told = await Promise.allSettled([reserve(one), reserve(other)]);
    const refused = told.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    expect(refused).toMatchObject([{ code: 'held-by-another-change' }]);
    const winner = told[0]?.status === 'fulfilled' ? one : other;
    expect(await holders(...keys)).toEqual(keys.map(() => winner.id));
    const loser = await changeNow(winner === one ? other.id : one.id);
    expect(loser.holds).toEqual([]);
  });

  test('are not half taken: where one is held, the rest stays free', async () => {
    await reserve(await planning(3, 'half/b'));
    await expect(reserve(await planning(4, 'half/a', 'half/b'))).rejects.toMatchObject({
      code: 'held-by-another-change',
    });
    expect(await holders('half/a')).toEqual([undefined]);
  });
});

describe('a change that waits', () => {
  const wait = (change: Change, holder: Change) => {
    const by = { changeId: holder.id, iid: holder.mergeRequest.iid, since: '2026-11-01T09:00:00.000Z' };
    const fact = { type: 'project-held', project: 'wait/a', planRunId: firstRun(change), by } as const;
    return ledger.record({ changeId: change.id, fact, actor: SERVICE });
  };

  test('waits only for somebody who holds the project at that moment', async () => {
    const holder = await planning(5, 'wait/a');
    const waiting = await planning(6, 'wait/a');
    await expect(wait(waiting, holder)).rejects.toMatchObject({ code: 'hold-gone', retryable: true });
    expect((await changeNow(waiting.id)).projects.map(({ status }) => status)).toEqual(['planning']);
    await reserve(holder);
    await wait(waiting, holder);
    expect((await changeNow(waiting.id)).projects.map(({ status }) => status)).toEqual(['held']);
  });

  test('finds out by itself that it is free, should nobody have told it', async () => {
    const holder = await planning(7, 'wait/b');
    const waiting = await planning(8, 'wait/b');
    await reserve(holder);
    const by = { changeId: holder.id, iid: 7, since: '2026-11-01T09:00:00.000Z' };
    const fact = { type: 'project-held', project: 'wait/b', planRunId: firstRun(waiting), by } as const;
    await ledger.record({ changeId: waiting.id, fact, actor: SERVICE });
    expect(await letGoUnheard(await changeNow(waiting.id), ledger)).toEqual([]);
    const released = {
      type: 'hold-released',
      project: 'wait/b',
      by: { cli: 'olga' },
      reason: 'test',
    } as const;
    const { effects } = await ledger.record({ changeId: holder.id, fact: released, actor: SERVICE });
    expect(effects).toContainEqual({ type: 'tell-waiting', projects: ['wait/b'] });
    expect(await letGoUnheard(await changeNow(waiting.id), ledger)).toEqual(['wait/b']);
  });
});
