import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEntryView, LogEntries } from '#views/audit-log.ts';
import type { ChangeList } from '#views/list-changes.ts';
import type { ChangeView } from '#views/show-change.ts';
import {
  aChange,
  aGate,
  aPlanRef,
  aProject,
  aResource,
  aSummary,
  HEAD,
  insertAttempt,
  insertChange,
  insertEvaluation,
} from './change-fixture.ts';
import { record, signCheckpoint } from './change-fixture.ts';
import { AS_AUDITOR, startTestApp, type TestApp } from './test-app.ts';

let server: TestApp;

const verdict = {
  decision: 'approved' as const,
  account: 'acc:ben',
  moveId: '10042',
  decidedAt: '2026-11-20T10:12:40.000Z',
  tupleHash: 'ab',
  heardAt: '2026-11-01T10:30:01Z',
  evidenceDigest: 'cd',
};
const approved = {
  status: 'approved' as const,
  round: 1,
  tupleHash: 'ab',
  moveId: '10042',
  verdict,
  given: [],
  since: verdict.decidedAt,
};

beforeAll(async () => {
  server = await startTestApp();
  const { db } = server.database;
  const blocked = aChange(1, {
    title: 'Retire the bastion <script>alert(1)</script>',
    projects: [
      aProject('c1', 'fin/prod/network', {
        status: 'blocked',
        evaluationId: 'c1.e1',
        reasons: [],
        plan: aPlanRef('c1', 'fin/prod/network', { delete: 1 }),
      }),
      aProject('c1', 'biz/dev/network', { status: 'applied', attemptId: 'a' }),
    ],
    ticket: {
      status: 'open',
      number: 1,
      key: 'OPS-1',
      url: 'https://jira.example.com/browse/OPS-1',
      spent: true,
      review: approved,
    },
  });
  const destroy = aResource('aws_instance.bastion', 'delete', [
    { path: ['ami'], before: '<img src=x onerror=alert(1)>' },
  ]);
  await insertChange(
    db,
    blocked,
    { 'fin/prod/network': aSummary([destroy]) },
    { updatedAt: '2026-11-20T10:21:30Z' },
  );
  await insertEvaluation(db, 'c1', 'fin/prod/network', [
    aGate('ticket-approved', 'yes', 'approved'),
    aGate('not-diverged', 'no', 'main changed modules/subnet', {
      remedy: 'Rebase and push',
      evidence: { changedInputs: ['modules/subnet'] },
    }),
  ]);
  await insertAttempt(db, 'c1', 'biz/dev/network', 'succeeded', {
    gitlabId: 13,
    username: 'cleo',
    accessLevel: 40,
    roles: [],
  });
  const other = { author: { id: 21, username: 'dora' }, title: 'Point the records at the balancer' };
  await insertChange(
    db,
    aChange(2, { ...other, projects: [aProject('c2', 'fin/prod/dns')] }),
    {},
    { createdAt: '2026-10-01T00:00:00Z' },
  );
  await insertChange(
    db,
    aChange(3, { title: '100% of it', mergeRequest: { repository: 8, iid: 2 } }),
    {},
    { createdAt: '2026-09-01T00:00:00Z' },
  );
  const service = { kind: 'service', component: 'worker' } as const;
  await record(db, [
    {
      type: 'command-received',
      actor: { kind: 'gitlab-user', id: '13' },
      subject: { changeId: 'c1' },
      payload: {
        command: { verb: 'apply' },
        by: { gitlabId: 11, username: 'ada', accessLevel: 30, roles: [] },
        refusals: [
          {
            code: 'operator-is-requester',
            reason: 'the requester does not apply',
            remedy: 'ask an operator',
          },
        ],
      },
    },
    { type: 'gates-evaluated', actor: service, subject: { changeId: 'c1' }, payload: {} },
    { type: 'merge-request-read', actor: service, subject: { changeId: 'c2' }, payload: { title: 'x' } },
  ]);
  await signCheckpoint(db);
  await record(db, [{ type: 'attempt-ended', actor: service, subject: { changeId: 'c1' }, payload: {} }]);
});
afterAll(() => server.close());

const get = (url: string, headers: Record<string, string> = AS_AUDITOR) =>
  server.app.inject({ url, headers });
const json = async <T>(url: string): Promise<T> => (await get(url)).json<T>();
const page = async (url: string): Promise<string> =>
  (await get(url, { ...AS_AUDITOR, accept: 'text/html' })).body;
const found = async (query: string): Promise<string[]> =>
  (await json<ChangeList>(`/changes.json?${query}`)).rows.map(({ id }) => id);

describe('the list of changes finds', () => {
  test.each([
    ['all of them, the one that moved last first', '', ['c1', 'c2', 'c3']],
    ['by words of the title', 'q=balancer', ['c2']],
    ['by approval id in any case', 'approval=ops-1', ['c1']],
    ['by approval id among free words', 'q=OPS-1', ['c1']],
    ['by merge request in every repository', 'mr=!2', ['c2', 'c3']],
    ['by merge request of one repository', 'mr=8!2', ['c3']],
    ['by requester', 'person=dora', ['c2']],
    ['by approver, by name', 'person=Ben+Approver', ['c1']],
    ['by approver, by account', 'person=acc:ben', ['c1']],
    ['by operator', 'person=@cleo', ['c1']],
    ['by the beginning of a project', 'project=fin/prod', ['c1', 'c2']],
    ['by status', 'status=blocked', ['c1']],
    ['by the days a change lived on', 'from=2026-10-01&to=2026-10-01', ['c2']],
    ['by SHA', `q=${HEAD.slice(0, 10)}`, ['c1', 'c2', 'c3']],
    ['a percent sign by itself', 'q=100%25', ['c3']],
    ['nothing where two criteria do not meet', 'person=dora&status=blocked', []],
    ['nothing for a merge request that is none', 'mr=twelve', []],
    ['all when a criterion is empty or no day', 'q=&from=yesterday', ['c1', 'c2', 'c3']],
  ])('%s', async (_, query, ids) => {
    expect(await found(query)).toEqual(ids);
  });

  test('every change once over all pages, although many moved at the same time', async () => {
    const { db } = server.database;
    await db.transaction().execute(async (trx) => {
      for (let n = 100; n < 220; n++)
        await insertChange(trx, aChange(n, { title: 'paged' }), {}, { createdAt: '2026-01-01T00:00:00Z' });
    });
    const seen: string[] = [];
    let next: string | undefined = '';
    let total = 0;
    while (next !== undefined) {
      const list: ChangeList = await json(`/changes.json?q=paged&cursor=${encodeURIComponent(next)}`);
      seen.push(...list.rows.map(({ id }) => id));
      ({ next, total } = list);
    }
    expect([seen.length, new Set(seen).size, total]).toEqual([120, 120, 120]);
  });
});

describe('a change', () => {
  test('is told whole as JSON', async () => {
    const change = await json<ChangeView>('/changes/c1.json');
    expect(change).toMatchObject({
      status: 'blocked',
      requester: { name: 'Ada Engineer' },
      approver: { name: 'Ben Approver', decision: 'approved' },
      operators: [{ name: 'Cleo Operator' }],
      ticket: { key: 'OPS-1', status: 'approved' },
      projects: [
        { key: 'fin/prod/network', run: { summary: { counts: { delete: 1 } } }, gates: { go: false } },
        { key: 'biz/dev/network' },
      ],
      attempts: [{ outcome: 'succeeded', serialBefore: '41', serialAfter: '42' }],
      entries: { total: 3, covered: 3 },
    });
    expect(change.timeline.map(({ what }) => what)).toEqual([
      'Revision 1 opened',
      'fin/prod/network planned',
      'biz/dev/network planned',
      'Ticket OPS-1 opened',
      'OPS-1 approved',
      'Gates of fin/prod/network hold the change',
      'Apply of biz/dev/network started',
      'biz/dev/network applied',
      '“countersign apply” refused',
    ]);
    expect(change.timeline.at(-1)).toMatchObject({
      who: 'Ada Engineer',
      detail: 'the requester does not apply',
      entry: 0,
    });
  });

  test('shows on its page what is destroyed, the gate that holds it and what to do, with titles and values as text', async () => {
    const text = await page('/changes/c1');
    expect(text).toContain('Retire the bastion &lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(text).not.toMatch(/<script>|<img src=x/);
    expect(text).toContain('Rebase and push');
    expect(text).toContain('/log/entries/0');
  });

  test('is reached by its approval id', async () => {
    const answer = await get('/approvals/ops-1');
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/changes/c1']);
  });

  test('that does not exist is said so, with what to do, and nothing of the request is markup', async () => {
    const answer = await get('/changes/%3Cscript%3E', { ...AS_AUDITOR, accept: 'text/html' });
    expect(answer.statusCode).toBe(404);
    expect(answer.body).toContain('There is no change &lt;script&gt;.');
    expect((await get('/changes/none.json')).json()).toMatchObject({
      status: 404,
      message: 'There is no change none.',
    });
  });
});

describe('the audit log', () => {
  test('shows its head, and the checkpoint as text', async () => {
    const { head, entries } = await json<{
      head: { size: number; checkpoint: { size: number; note: string } };
      entries: LogEntries;
    }>('/log.json');
    expect([head.size, head.checkpoint.size, entries.rows.map(({ index }) => index)]).toEqual([
      4,
      3,
      [3, 2, 1, 0],
    ]);
    const answer = await get('/log/checkpoint');
    expect([answer.headers['content-type'], answer.body]).toEqual([
      'text/plain; charset=utf-8',
      head.checkpoint.note,
    ]);
  });

  test('pages back through its entries', async () => {
    const { entries } = await json<{ entries: LogEntries }>('/log.json?before=2');
    expect(entries.rows.map(({ index }) => index)).toEqual([1, 0]);
  });

  test('proves an entry under the latest checkpoint, once that covers it', async () => {
    const entry = await json<AuditEntryView>('/log/entries/1.json');
    expect(entry).toMatchObject({ type: 'gates-evaluated', inclusion: { checkpointSize: 3 } });
    expect(entry.inclusion?.hashes).toHaveLength(2);
    expect((await get('/log/entries/1/proof')).body).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex 1\n/);
    expect((await json<AuditEntryView>('/log/entries/3.json')).inclusion).toBeUndefined();
    expect((await get('/log/entries/3/proof')).statusCode).toBe(404);
    expect(await page('/log/entries/0')).toContain('&quot;verb&quot;: &quot;apply&quot;');
  });

  test.each(['4', '-1', 'x', '1e99'])('has no entry %s', async (index) => {
    expect((await get(`/log/entries/${index}`)).statusCode).toBe(404);
  });
});

test('each request that shows evidence is recorded once, with who read what', async () => {
  server.reads.length = 0;
  const ids = [
    await get('/changes/c1'),
    await get('/log?before=2'),
    await get('/log/entries/0'),
    await get('/changes'),
  ];
  expect(ids.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
  expect(server.reads).toMatchObject([
    { person: 'p-cleo', what: 'change', changeId: 'c1' },
    { person: 'p-cleo', what: 'log-entries', entries: { from: 0, to: 1 } },
    { person: 'p-cleo', what: 'log-entry', entries: { from: 0, to: 0 } },
  ]);
});
