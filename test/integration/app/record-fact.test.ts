import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createJobDesk, type JobDesk } from '#app/job-desk.ts';
import { createLedger, type Ledger } from '#app/ledger.ts';
import { attemptIdOf } from '#domain/attempt.ts';
import { currentTupleHash } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import type { Fact, MergeRequestReading } from '#domain/fact.ts';
import { type OpenDatabase, openDatabase } from '#store/database.ts';
import { aChange, aProject } from '#test/integration/http/change-fixture.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';

const SERVICE = { kind: 'service', component: 'test' } as const;
const REPOSITORY = 7;

let database: TestDatabase;
let app: OpenDatabase;
let admin: OpenDatabase;
let ledger: Ledger;
let desk: JobDesk;
let iid = 0;
let changeId = '';

beforeAll(async () => {
  database = await createTestDatabase();
  app = openDatabase(database.url, { max: 10, applicationName: 'app', onError: () => undefined });
  admin = openDatabase(database.adminUrl, { max: 2, applicationName: 'admin', onError: () => undefined });
  ledger = createLedger(app.db);
  desk = createJobDesk(app.db, database.url, { leaseMs: 60_000, forgottenAfterMs: 1_000 });
});
afterAll(async () => {
  await app.close();
  await admin.close();
  await database.drop();
});
beforeEach(async () => {
  iid += 1;
  changeId = await ledger.noticeMergeRequest({ repository: REPOSITORY, iid });
});

describe('a fact', () => {
  test('becomes state, work and an entry at once', async () => {
    await ledger.record({ changeId, fact: read(), actor: SERVICE });
    expect((await ledger.change(changeId))?.revision?.headSha).toBe(headSha());
    expect(await openEffects()).toContain('run-plan');
    expect(await entries()).toContain('merge-request-read');
    expect((await ledger.auditOf(changeId)).covered).toBe(true);
  });

  test('whose entry cannot be written has not happened', async () => {
    const before = await everything();
    await sql`revoke execute on function audit.append(jsonb) from countersign_app`.execute(admin.db);
    await expect(ledger.record({ changeId, fact: read(), actor: SERVICE })).rejects.toThrow(
      'permission denied',
    );
    await sql`grant execute on function audit.append(jsonb) to countersign_app`.execute(admin.db);
    expect(await everything()).toEqual(before);
  });

  test('that is refused is recorded with the reason, and answered', async () => {
    await ledger.record({ changeId, fact: read(), actor: SERVICE });
    const by = { gitlabId: 12, username: 'otto', accessLevel: 30, roles: ['planner'] };
    const fact = { type: 'command-received', noteId: 1000 + iid, by, command: { verb: 'apply' } } as const;
    const { refusals } = await ledger.record({ changeId, fact, actor: SERVICE });
    expect(refusals.map(({ code }) => code)).toContain('not-an-operator');
    const { rows } = await sql<{ refusals: string }>`
      select p.payload::jsonb ->> 'refusals' as refusals from audit.entries e join audit.payloads p using (idx)
      where (e.envelope::jsonb) ->> 'type' = 'command-received' and (e.envelope::jsonb) #>> '{subject,changeId}' = ${changeId}`.execute(
      admin.db,
    );
    expect(rows.map((row) => row.refusals.includes('not-an-operator'))).toEqual([true]);
    expect(await openEffects()).toContain('answer-command');
  });

  test('from one comment happens once, however often it is told', async () => {
    await ledger.record({ changeId, fact: read(), actor: SERVICE });
    const by = { gitlabId: 12, username: 'otto', accessLevel: 30, roles: ['planner'] };
    const fact = { type: 'command-received', noteId: 1000 + iid, by, command: { verb: 'help' } } as const;
    const told = await Promise.allSettled(
      [1, 2, 3].map(() => ledger.record({ changeId, fact, actor: SERVICE })),
    );
    expect(told.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(codesOf(told)).toEqual(['command-already-taken', 'command-already-taken']);
    expect((await entries()).filter((type) => type === 'command-received')).toHaveLength(1);
  });

  test('that ends a job somebody else has by now has not happened, and the job is still theirs', async () => {
    await desk.request(changeId, { type: 'read-merge-request' });
    const row = await rowOf('read-merge-request');
    const first = await desk.lease(row, 'slow');
    await sql`update outbox set lease_until = now() - interval '1 second' where id = ${row}`.execute(
      admin.db,
    );
    const second = await desk.lease(row, 'quick');
    const before = await everything();
    const late = ledger.record({
      changeId,
      fact: read(),
      actor: SERVICE,
      ...(first && { completing: first }),
    });
    await expect(late).rejects.toMatchObject({ code: 'lease-lost' });
    expect(await everything()).toEqual(before);
    await ledger.record({ changeId, fact: read(), actor: SERVICE, ...(second && { completing: second }) });
    expect(await openEffects()).not.toContain('read-merge-request');
  });
});

describe('an attempt', () => {
  test('claimed by two at once is one', async () => {
    const claim = await readyToClaim('a');
    const claims = [claim, claim].map((fact) => ledger.record({ changeId, fact, actor: SERVICE }));
    const refused = (await Promise.all(claims)).map(({ refusals }) => refusals.map(({ code }) => code));
    expect(refused.flat()).toEqual(['stale']);
    expect(await attempts()).toHaveLength(1);
  });

  test('of a bundle that had its attempt is never made, whoever asks', async () => {
    const bundle = `bundle-${iid}`;
    const claim = await readyToClaim('first', bundle);
    await ledger.record({ changeId, fact: claim, actor: SERVICE });
    iid += 1;
    changeId = await ledger.noticeMergeRequest({ repository: REPOSITORY, iid });
    const again = await readyToClaim('second', bundle);
    const before = await everything();
    await expect(ledger.record({ changeId, fact: again, actor: SERVICE })).rejects.toMatchObject({
      code: 'bundle-already-attempted',
    });
    expect(await everything()).toEqual(before);
  });

  test('in a project that another change holds is not made', async () => {
    await ledger.record({ changeId, fact: await readyToClaim('held'), actor: SERVICE });
    iid += 1;
    changeId = await ledger.noticeMergeRequest({ repository: REPOSITORY, iid });
    const claim = await readyToClaim('held');
    await expect(ledger.record({ changeId, fact: claim, actor: SERVICE })).rejects.toMatchObject({
      code: 'held-by-another-change',
    });
    expect(await attempts()).toEqual([]);
  });
});

describe('work', () => {
  test('that is wanted several times waits once; wanted again while it is done, it waits behind', async () => {
    const want = () => desk.request(changeId, { type: 'read-merge-request' });
    await Promise.all([want(), want(), want()]);
    const row = await rowOf('read-merge-request');
    const lease = await desk.lease(row, 'worker');
    await want();
    const [, behind] = await rowsOf('read-merge-request');
    expect(await desk.lease(behind ?? 0, 'other')).toBeUndefined();
    if (lease !== undefined) await desk.complete(lease);
    expect(await desk.lease(behind ?? 0, 'other')).toMatchObject({ id: behind, tries: 1 });
  });

  test('that people watch is not done again sooner than its pace', async () => {
    await desk.request(changeId, { type: 'publish-note' });
    const lease = await desk.lease(await rowOf('publish-note'), 'worker');
    if (lease !== undefined) await desk.complete(lease);
    await desk.request(changeId, { type: 'publish-note' });
    const { rows } = await sql<{ later: boolean }>`
      select run_after > now() as later from outbox where change_id = ${changeId} and done_at is null`.execute(
      admin.db,
    );
    expect(rows).toEqual([{ later: true }]);
  });

  test('that failed comes back when it may, with what was wrong', async () => {
    await desk.request(changeId, { type: 'read-merge-request' });
    const row = await rowOf('read-merge-request');
    const lease = await desk.lease(row, 'worker');
    if (lease !== undefined)
      await desk.fail(lease, { error: 'GitLab is away', delayMs: 60_000, giveUp: false });
    expect(await desk.lease(row, 'worker')).toBeUndefined();
    await sql`update outbox set run_after = now() where id = ${row}`.execute(admin.db);
    expect(await desk.lease(row, 'worker')).toMatchObject({ tries: 2 });
  });
});

test('a process that stops in the middle of a transaction holds nobody up for long', async () => {
  const paused = await app.pool.connect();
  await paused.query('begin');
  await paused.query('select from changes where id = $1 for update', [changeId]);
  // It says no more. PostgreSQL ends its transaction after 5 s; until then each wait for the lock is given up and begun anew.
  await ledger.record({ changeId, fact: read(), actor: SERVICE });
  await expect(paused.query('commit')).rejects.toThrow(/connection|terminat|not queryable/i);
  paused.release(true);
  expect((await entries()).filter((type) => type === 'merge-request-read')).toHaveLength(1);
}, 30_000);

function headSha(): string {
  return createHash('sha1').update(String(iid)).digest('hex');
}

/** The merge request as read: one project that is planned at once. */
function read(): Fact {
  const reading: MergeRequestReading = {
    mergeRequest: { repository: REPOSITORY, iid },
    url: `https://gitlab.example.com/infra/live/-/merge_requests/${iid}`,
    title: `Change ${iid}`,
    description: '',
    author: { id: 11, username: 'ada' },
    state: 'open',
    headSha: headSha(),
    sourceBranch: 'feature',
    targetBranch: 'main',
    targetSha: 'base',
    contents: {
      baseSha: 'base',
      commitAuthors: ['ada@example.com'],
      committers: ['ada@example.com'],
      pushers: [11],
      projects: [
        {
          key: `p${iid}`,
          name: `p${iid}`,
          dir: `p${iid}`,
          workspace: 'default',
          applyOn: 'approval',
          holdFrom: 'apply',
          wave: 0,
          after: [],
          declaresApprovalId: false,
          inputsId: 'inputs',
          inputPaths: [`p${iid}`],
        },
      ],
      configurationHash: 'configuration',
    },
  };
  return { type: 'merge-request-read', reading };
}

/** Puts the change where the next step is the claim of an attempt, and returns the claim. */
async function readyToClaim(key: string, bundleHash = `bundle-${iid}`): Promise<Fact> {
  const planRunId = `${changeId}.p1`;
  const attemptId = attemptIdOf(planRunId);
  const project = aProject(changeId, key, {
    status: 'applying',
    phase: 'queued',
    attemptId,
    evaluationId: `${changeId}.e1`,
    evaluatedAt: '2026-11-20T09:00:00.000Z',
    approval: { kind: 'decided', moves: ['2'] },
  });
  if (project.status !== 'applying') throw new Error('not the project that was asked for');
  const applying = { ...project, plan: { ...project.plan, planRunId, bundleHash } };
  const change = approved({ ...aChange(iid), id: changeId, projects: [applying] });
  await admin.db
    .updateTable('changes')
    .set({ state: JSON.stringify(change) })
    .where('id', '=', changeId)
    .execute();
  await admin.db
    .insertInto('plan_runs')
    .values({ id: planRunId, change_id: changeId, revision: 1, project: key, head_sha: headSha() })
    .execute();
  return { type: 'attempt-claimed', project: key, attemptId, planRunId, bundleHash };
}

/** Somebody has approved the change as it stands. */
function approved(change: Change): Change {
  const tupleHash = currentTupleHash(change) ?? '';
  const verdict = {
    decision: 'approved',
    account: 'ben',
    moveId: '2',
    decidedAt: '2026-11-20T08:59:00.000Z',
    tupleHash,
    evidenceDigest: '',
    heardAt: '2026-11-20T08:59:01.000Z',
  } as const;
  const review = {
    status: 'approved',
    round: 1,
    tupleHash,
    moveId: '1',
    verdict,
    given: [],
    since: '',
  } as const;
  const url = `https://jira.example.com/browse/CHG-${iid}`;
  return { ...change, ticket: { status: 'open', number: 1, key: `CHG-${iid}`, url, review, spent: false } };
}

function codesOf(results: PromiseSettledResult<unknown>[]): unknown[] {
  return results.flatMap((result) =>
    result.status === 'rejected' ? [(result.reason as { code?: unknown }).code] : [],
  );
}

async function openEffects(): Promise<string[]> {
  const rows = await app.db
    .selectFrom('outbox')
    .select('effect')
    .where('change_id', '=', changeId)
    .where('done_at', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map(({ effect }) => effect);
}

async function rowsOf(effect: string): Promise<number[]> {
  const rows = await app.db
    .selectFrom('outbox')
    .select('id')
    .where('change_id', '=', changeId)
    .where('effect', '=', effect)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

async function rowOf(effect: string): Promise<number> {
  const rows = await rowsOf(effect);
  expect(rows).toHaveLength(1);
  return rows[0] ?? 0;
}

async function attempts(): Promise<unknown[]> {
  return app.db.selectFrom('attempts').select('id').where('change_id', '=', changeId).execute();
}

async function entries(): Promise<string[]> {
  const { rows } = await sql<{ type: string }>`
    select (envelope::jsonb) ->> 'type' as type from audit.entries
    where (envelope::jsonb) #>> '{subject,changeId}' = ${changeId} order by idx`.execute(admin.db);
  return rows.map(({ type }) => type);
}

/** All that a fact may move. */
async function everything(): Promise<unknown> {
  const change = await admin.db
    .selectFrom('changes')
    .select(['state', 'version', 'status'])
    .where('id', '=', changeId)
    .execute();
  const { rows } = await sql`select size from audit.head`.execute(admin.db);
  return [change, rows, await openEffects(), await attempts()];
}
