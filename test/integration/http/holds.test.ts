import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HoldList } from '#views/list-holds.ts';
import { aChange, aProject, insertChange } from './change-fixture.ts';
import { AS_AUDITOR, startTestApp, type TestApp } from './test-app.ts';

let server: TestApp;

beforeAll(async () => {
  server = await startTestApp();
  const { db } = server.database;
  const planned = aChange(1, {
    title: 'Wider <network>',
    projects: [aProject('c1', 'fin/prod/network', { status: 'ready', evaluationId: 'e' })],
    holds: [{ project: 'fin/prod/network' }],
  });
  const applied = aChange(2, {
    projects: [
      aProject('c2', 'biz/dev/network', { status: 'applied', attemptId: 'a2' }),
      aProject('c2', 'biz/dev/dns', { status: 'apply-interrupted', attemptId: 'a3', reason: 'silent' }),
      aProject('c2', 'biz/dev/mail', {
        status: 'apply-failed',
        attemptId: 'a4',
        failure: 'failed-partial',
        reason: 'no',
      }),
    ],
  });
  const by = { changeId: 'c1', iid: 1, project: 'fin/prod/network', since: '2026-11-20T09:00:00.000Z' };
  const blocked = [{ gate: 'project-free', answer: 'no', reason: '!2 holds it', remedy: '' }];
  const others = [
    aChange(3, { title: 'After it', projects: [aProject('c3', 'fin/prod/network', { status: 'held', by })] }),
    aChange(4, {
      projects: [
        aProject('c4', 'biz/dev/network', { status: 'blocked', evaluationId: 'e', reasons: blocked }),
      ],
    }),
    aChange(5, {
      projects: [aProject('c5', 'biz/dev/network', { status: 'blocked', evaluationId: 'e', reasons: [] })],
    }),
  ];
  for (const change of [planned, applied, ...others]) await insertChange(db, change);
  const held = { repository: 7 };
  await db
    .insertInto('holds')
    .values([
      { ...held, project: 'fin/prod/network', change_id: 'c1', since: new Date('2026-11-20T08:00:00Z') },
      {
        ...held,
        project: 'biz/dev/network',
        change_id: 'c2',
        attempt_id: 'a2',
        since: new Date('2026-11-20T09:00:00Z'),
      },
      {
        ...held,
        project: 'biz/dev/dns',
        change_id: 'c2',
        attempt_id: 'a3',
        quarantined: 'nobody knows how its apply ended',
      },
      {
        ...held,
        project: 'biz/dev/mail',
        change_id: 'c2',
        attempt_id: 'a4',
        quarantined: 'its apply failed half way',
      },
    ])
    .execute();
});
afterAll(() => server?.close());

async function holds(query = ''): Promise<HoldList> {
  const answer = await server.app.inject({ url: `/holds.json${query}`, headers: AS_AUDITOR });
  expect(answer.statusCode).toBe(200);
  return answer.json<HoldList>();
}

async function hold(project: string) {
  const [row] = (await holds(`?project=${project}`)).rows;
  if (row === undefined) throw new Error(`${project} is not held`);
  return row;
}

describe('the holds', () => {
  test('are told with those that need somebody first, then the oldest', async () => {
    const { rows, total } = await holds();
    expect(total).toBe(4);
    expect(rows.map(({ project, from }) => `${project} since its ${from}`)).toEqual([
      'biz/dev/dns since its apply',
      'biz/dev/mail since its apply',
      'fin/prod/network since its plan',
      'biz/dev/network since its apply',
    ]);
  });

  test('are found by a part of the project, and nothing else is special in what is typed', async () => {
    expect((await holds('?project=fin')).rows.map(({ project }) => project)).toEqual(['fin/prod/network']);
    expect((await holds('?project=%25')).rows).toEqual([]);
  });

  test('tell who waits: to be planned, or blocked by this and not by another gate', async () => {
    expect((await hold('fin/prod/network')).waiting.map(({ title }) => title)).toEqual(['After it']);
    expect((await hold('biz/dev/network')).waiting.map(({ iid }) => iid)).toEqual([4]);
  });

  test.each([
    ['fin/prod/network', 'members', 'countersign unlock'],
    ['biz/dev/network', 'operators', 'countersign unlock biz/dev/network REASON'],
    ['biz/dev/mail', 'operators', 'countersign unlock biz/dev/mail REASON'],
    ['biz/dev/dns', 'operators', 'countersign resolve biz/dev/dns applied|not-applied REASON'],
  ])('say of %s what is to be typed to let it go, and by whom', async (project, who, comment) => {
    expect((await hold(project)).release).toMatchObject({ who, comment });
  });

  test('are a page in the navigation, with nobody’s title taken for markup', async () => {
    const { body } = await server.app.inject({
      url: '/holds',
      headers: { ...AS_AUDITOR, accept: 'text/html' },
    });
    expect(body).toContain('<a href="/holds" aria-current="page">Holds</a>');
    expect(body).toContain('Wider &lt;network&gt;');
    expect(body).toMatch(/nobody knows how its apply ended/);
  });
});
