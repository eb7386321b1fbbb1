import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLedger } from '#app/ledger.ts';
import { aChange, insertChange } from './change-fixture.ts';
import { AS_AUDITOR, PEOPLE, startTestApp, type TestApp, TOKEN } from './test-app.ts';

const SITE = 'http://countersign.test';
let server: TestApp;

beforeAll(async () => {
  server = await startTestApp();
  await insertChange(server.database.db, aChange(1));
});
afterAll(() => server.close());

const browse = (url: string, headers: Record<string, string> = {}) =>
  server.app.inject({ url, headers: { accept: 'text/html', ...headers } });
const post = (
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = { origin: SITE },
  app = server.app,
) =>
  app.inject({
    method: 'POST',
    url,
    headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(form).toString(),
  });
const cookieOf = (answer: { headers: { 'set-cookie'?: string | string[] | undefined } }): string =>
  [answer.headers['set-cookie'] ?? ''].flat().join('; ');

describe('without a login', () => {
  test.each([
    '/changes',
    '/changes/c1',
    '/changes/c1/runs/x/log',
    '/log',
    '/log/checkpoint',
    '/approvals/OPS-1',
    '/',
  ])('%s leads to the login page and back', async (url) => {
    const answer = await browse(url);
    expect([answer.statusCode, answer.headers.location]).toEqual([
      303,
      `/login?next=${encodeURIComponent(url)}`,
    ]);
  });

  test('a program is told 401 and how to do it', async () => {
    const answer = await server.app.inject('/changes.json');
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="Countersign"');
    expect(
      (await server.app.inject({ url: '/changes', headers: { authorization: 'Bearer guess' } })).statusCode,
    ).toBe(401);
  });

  test('whoever follows a link from GitLab is sent through a page of ours, so that the strict cookie comes along', async () => {
    const answer = await browse('/changes/c1', { 'sec-fetch-site': 'cross-site' });
    expect([answer.statusCode, answer.body.includes('http-equiv="refresh"')]).toEqual([200, true]);
  });

  test.each(['/changes/%00', '/login?next=%00', '/%00'])(
    '%s is told that no address is like that',
    async (url) => {
      expect((await browse(url, AS_AUDITOR)).statusCode).toBe(400);
    },
  );

  test('health and readiness are answered', async () => {
    expect((await server.app.inject('/healthz')).json()).toEqual({ status: 'alive' });
    expect((await server.app.inject('/readyz')).json()).toEqual({ status: 'ready', checks: [] });
  });
});

describe('logging in with a token', () => {
  test('opens a session that the database knows only by hash, and logging out ends it', async () => {
    const answer = await post('/login', { token: TOKEN, next: '/changes/c1' });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/changes/c1']);
    expect(cookieOf(answer)).toMatch(/^countersign=[\w-]{43}; .*HttpOnly; SameSite=Strict$/);
    const cookie = cookieOf(answer).split(';')[0] ?? '';

    const sessions = await server.database.db.selectFrom('sessions').selectAll().execute();
    expect(sessions).toMatchObject([{ person: 'p-cleo' }]);
    expect(JSON.stringify(sessions)).not.toContain(cookie.split('=')[1]);
    expect((await browse('/changes/c1', { cookie })).body).toContain('Cleo Operator');

    await post('/logout', {}, { origin: SITE, cookie });
    expect((await browse('/changes/c1', { cookie })).statusCode).toBe(303);
  });

  test.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/a b'])(
    'does not go on to %s',
    async (next) => {
      expect((await post('/login', { token: TOKEN, next })).headers.location).toBe('/');
    },
  );

  test('a session that was closed elsewhere is none', async () => {
    const cookie = cookieOf(await post('/login', { token: TOKEN })).split(';')[0] ?? '';
    await server.database.db.deleteFrom('sessions').execute();
    expect((await browse('/changes', { cookie })).statusCode).toBe(303);
  });

  test('a person cannot be chosen where tokens are asked for', async () => {
    expect((await post('/login', { person: 'p-cleo' })).statusCode).toBe(401);
    expect((await browse('/login')).body).not.toContain('Cleo Operator');
  });
});

describe('a form', () => {
  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['nowhere a browser would name', {}],
  ])('from %s is refused', async (_, headers) => {
    const answer = await post('/login', { token: TOKEN }, headers);
    expect([answer.statusCode, cookieOf(answer)]).toEqual([403, '']);
  });

  test('from the same server under another name is taken', async () => {
    const headers = { origin: 'http://127.0.0.1:8080', host: '127.0.0.1:8080' };
    expect((await post('/login', { token: TOKEN }, headers)).statusCode).toBe(303);
  });
});

describe('in other modes', () => {
  let other: TestApp;
  afterEach(() => other.close());
  const access = {
    tokens: [],
    people: PEOPLE,
    sessions: { open: async () => undefined, find: async () => undefined, close: async () => undefined },
  };

  test('guessing is slowed down after ten failures in a minute', async () => {
    other = await startTestApp();
    const codes: number[] = [];
    for (let n = 0; n < 11; n++)
      codes.push((await post('/login', { token: 'guess' }, { origin: SITE }, other.app)).statusCode);
    expect(codes).toEqual([...Array<number>(10).fill(401), 429]);
    expect((await post('/login', { token: TOKEN }, { origin: SITE }, other.app)).statusCode).toBe(429);
  });

  test('the demo lets one choose a person of the directory and nobody else', async () => {
    other = await startTestApp({ access: { ...access, mode: 'demo' } });
    expect((await post('/login', { person: 'p-ben' }, { origin: SITE }, other.app)).statusCode).toBe(303);
    expect((await post('/login', { person: 'p-eve' }, { origin: SITE }, other.app)).statusCode).toBe(401);
  });

  test('over https the cookie is bound to the host and the browser is told to stay with https', async () => {
    other = await startTestApp({
      externalUrl: 'https://countersign.test',
      access: { ...access, mode: 'demo' },
    });
    const answer = await post(
      '/login',
      { person: 'p-ben' },
      { origin: 'https://countersign.test' },
      other.app,
    );
    expect(cookieOf(answer)).toMatch(/^__Host-countersign=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect(answer.headers['strict-transport-security']).toContain('max-age');
  });

  test('what is not ready is named with its reason, and a check that breaks or hangs counts', async () => {
    other = await startTestApp({
      readiness: [
        { name: 'database', probe: async () => ({ ok: true, detail: 'PostgreSQL 18' }) },
        { name: 'queue', probe: async () => ({ ok: false, reason: 'Redis does not answer' }) },
        { name: 'isolation', probe: () => Promise.reject(new Error('postgres://user:pass@host')) },
        { name: 'audit', probe: () => new Promise(() => undefined) },
      ],
    });
    const answer = await other.app.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({
      status: 'not ready',
      checks: [
        { name: 'database', ok: true, detail: 'PostgreSQL 18' },
        { name: 'queue', ok: false, reason: 'Redis does not answer' },
        { name: 'isolation', ok: false, reason: 'the check itself failed; see the log' },
        { name: 'audit', ok: false, reason: 'no answer within 2 s' },
      ],
    });
    expect(other.logged.join('')).not.toContain('user:pass');
  });

  test('evidence whose reading cannot be recorded is not shown', async () => {
    other = await startTestApp({ recordRead: () => Promise.reject(new Error('the audit log is away')) });
    await insertChange(other.database.db, aChange(1, { title: 'Secret plans' }));
    const answer = await other.app.inject({
      url: '/changes/c1',
      headers: { ...AS_AUDITOR, accept: 'text/html' },
    });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/Secret plans|audit log is away/);
    expect(answer.body).toContain('Something broke on our side.');
  });
});

describe('every answer', () => {
  test.each(['/login', '/changes', '/nowhere'])('%s allows nothing inline and no framing', async (url) => {
    const { headers, body } = await browse(url, AS_AUDITOR);
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['cache-control']).toBe('no-store');
    expect(body).not.toMatch(/<style|<script(?! src="\/assets\/)| style=| on\w+=/);
  });

  test('assets are named by their content and may be kept for good', async () => {
    const [, href = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec((await browse('/login')).body) ?? [];
    const asset = await server.app.inject(href);
    expect(href).toMatch(/^\/assets\/countersign\.[0-9a-f]{12}\.css$/);
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  test('the metrics tell depth, age and status from the database', async () => {
    const { db } = server.database;
    await db.insertInto('outbox').values({ effect: 'run-plan', payload: '{}' }).execute();
    await db.insertInto('counters').values({ name: 'found_by_polling', value: 4 }).execute();
    const dueAt = '2026-11-22T04:00:00.000Z';
    for (const item of ['CHG-7', 'CHG-8', 'CHG-7'])
      await createLedger(db).noteSweepFault({
        step: 'ticket',
        item,
        readFrom: undefined,
        code: 'jira-failing',
        reason: '',
        dueAt,
      });
    const { body } = await server.app.inject('/metrics');
    for (const line of [
      'countersign_outbox_depth{effect="run-plan"} 1',
      'countersign_changes{status="awaiting-approval"} 1',
      'countersign_found_by_polling_total 4',
      'countersign_sweep_failing{step="ticket"} 2',
      'countersign_audit_log_entries 0',
    ])
      expect(body).toContain(`${line}\n`);
    expect(body).toMatch(
      /countersign_http_request_duration_seconds_count\{method="GET",route="\/changes\/:id",status="\dxx"\}/,
    );
    expect((await server.app.inject('/metrics')).body).toContain('countersign_found_by_polling_total 4\n');
  });
});
