import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMandateBooks } from '#app/mandates/books.ts';
import type { OperatorGrant, StandingApproval, Terms } from '#domain/mandate.ts';
import type { MandateList } from '#views/list-mandates.ts';
import type { ChangeView } from '#views/show-change.ts';
import { aChange, insertChange } from './change-fixture.ts';
import { AS_AUDITOR, startTestApp, type TestApp } from './test-app.ts';

const CLI = { kind: 'operator-cli', id: 'cleo' } as const;
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

const DNS: StandingApproval = {
  kind: 'standing-approval',
  name: 'dns <records>',
  projects: ['biz/**/dns'],
  tier: 'standard',
  most: { changesPerDay: 5, destroys: 0, replaces: 2 },
  until: inDays(20),
};
const NIGHTS: OperatorGrant = {
  kind: 'operator-grant',
  person: 'p-ben',
  projects: ['fin/**'],
  reason: 'on call',
  until: inDays(3),
};

let server: TestApp;

beforeAll(async () => {
  server = await startTestApp();
  const { db } = server.database;
  const books = createMandateBooks(db);
  const open = async (id: string, key: string, terms: Terms) => {
    await books.begin({ id, terms, requestedBy: 'p-cleo' }, CLI);
    await books.presented(id, { key, url: `https://jira.example.com/browse/${key}`, reviewMove: 'm1' }, CLI);
  };
  await open('dns', 'CHG-90', DNS);
  await open('nights', 'CHG-91', NIGHTS);
  await open('old', 'CHG-92', { ...DNS, name: 'old' });
  const approval = {
    moveId: 'm2',
    account: 'acc:ben',
    person: 'p-ben',
    name: 'Ben Approver',
    roles: ['approver'],
    decidedAt: '2026-11-20T09:00:00.000Z',
  };
  await books.hear('dns', { kind: 'approved', approval });
  await books.hear('nights', { kind: 'not-approved', why: 'CHG-91 is in review and not approved' });
  await books.end('old', 'no longer wanted', CLI);
  await insertChange(db, aChange(1));
  await db
    .insertInto('mandate_uses')
    .values([
      { mandate_id: 'dns', change_id: 'c1', project: 'biz/dev/dns', reference: 'a1' },
      { mandate_id: 'dns', change_id: 'c1', project: 'biz/prod/dns', reference: 'a2' },
    ])
    .execute();
});
afterAll(() => server?.close());

describe('the page of mandates', () => {
  const get = async (url: string, accept = 'text/html') =>
    server.app.inject({ url, headers: { ...AS_AUDITOR, accept } });

  test('lists those that are open, the first to end in front, then those that were over lately', async () => {
    const list = (await get('/mandates', 'application/json')).json<MandateList>();
    expect(list.rows.map(({ id, state }) => [id, state])).toEqual([
      ['nights', 'not-in-force'],
      ['dns', 'in-force'],
      ['old', 'over'],
    ]);
    expect(list.rows[1]).toMatchObject({
      ticket: { key: 'CHG-90' },
      approver: { id: 'p-ben', name: 'Ben Approver' },
      requester: { id: 'p-cleo', name: 'Cleo Operator' },
      used: { lately: 1, ever: 1 },
    });
    expect(list.rows[2]).toMatchObject({ why: 'ended: no longer wanted' });
  });

  test('says what each is for, by whom, how often, and why it is not in force', async () => {
    const page = (await get('/mandates')).body.replaceAll(/<wbr>|<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
    expect(page).toContain('1 is in force');
    expect(page).toContain('dns &lt;records&gt; standing approval, asked for by Cleo Operator');
    expect(page).toContain('CHG-90 approved by Ben Approver');
    expect(page).toContain('tier standard, at most 5 within 24 hours, none destroyed, at most 2 replaced');
    expect(page).toContain('1 change 1 within 24 hours');
    expect(page).toContain('operator rights for p-ben operator grant, asked for by Cleo Operator');
    expect(page).toContain('CHG-91 is in review and not approved');
  });

  test('is led to by every page, and a change’s page says by which of them it goes', async () => {
    const page = (await get('/changes/c1')).body;
    expect(page).toContain('href="/mandates"');
    expect(page).toContain('standing approval dns &lt;records&gt;');
    const view = (await get('/changes/c1', 'application/json')).json<ChangeView>();
    expect(view.mandates).toEqual([
      {
        kind: 'standing-approval',
        name: 'dns <records>',
        key: 'CHG-90',
        url: 'https://jira.example.com/browse/CHG-90',
        approver: 'Ben Approver',
      },
    ]);
  });
});
