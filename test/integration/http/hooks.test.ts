import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HookVerdict } from '#http/deps.ts';
import { startTestApp, storeOnce, type TestApp } from './test-app.ts';

const SEGMENT = 'f3a9c1d2e4b5';
let broken = false;
let server: TestApp;

/** A sender that shows its secret in a header and its repository in the body. */
function verify(headers: IncomingHttpHeaders, body: Buffer): HookVerdict {
  if (headers['x-gitlab-token'] !== 'let-me-in') return { kind: 'refused', reason: 'wrong secret' };
  if (headers['x-gitlab-event'] === 'Wiki Page Hook') return { kind: 'ignored', event: 'Wiki Page Hook' };
  try {
    const { repository } = JSON.parse(body.toString()) as { repository: number };
    return { kind: 'delivery', key: String(headers['idempotency-key']), event: 'Note Hook', repository };
  } catch {
    return { kind: 'malformed', reason: 'not JSON' };
  }
}

beforeAll(async () => {
  server = await startTestApp({
    hooks: {
      gitlab: [{ segment: SEGMENT, repositories: [7], verify }],
      jira: [{ segment: SEGMENT, verify }],
      receiveDelivery: (delivery) => {
        if (broken) throw new Error('the database is away');
        return storeOnce(server.database, delivery);
      },
    },
  });
});
afterAll(() => server.close());

const deliver = (
  key: string,
  parts: { headers?: Record<string, string>; payload?: string; url?: string } = {},
) =>
  server.app.inject({
    method: 'POST',
    url: parts.url ?? `/hooks/gitlab/${SEGMENT}`,
    headers: {
      'content-type': 'application/json',
      'x-gitlab-token': 'let-me-in',
      'x-gitlab-event': 'Note Hook',
      'idempotency-key': key,
      ...parts.headers,
    },
    payload: parts.payload ?? '{"repository": 7}',
  });

const stored = async (key: string) =>
  server.database.db.selectFrom('webhook_deliveries').selectAll().where('delivery_key', '=', key).execute();

test('five equal deliveries at once are stored once and all answered with an empty 200', async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => deliver('five')));
  expect(answers.map(({ statusCode, body }) => [statusCode, body])).toEqual(Array(5).fill([200, '']));
  expect(await stored('five')).toMatchObject([
    { source: 'gitlab', event: 'Note Hook', repository: 7, body: '{"repository": 7}' },
  ]);
});

test('a wrong secret and an unknown address are refused', async () => {
  expect((await deliver('a', { headers: { 'x-gitlab-token': 'guess' } })).statusCode).toBe(401);
  expect((await deliver('a', { url: '/hooks/gitlab/another' })).statusCode).toBe(401);
  expect(await stored('a')).toEqual([]);
});

test('a secret of one project does not speak for another', async () => {
  expect((await deliver('b', { payload: '{"repository": 8}' })).statusCode).toBe(401);
  expect(await stored('b')).toEqual([]);
});

test('an event we have no use for is answered 200 and not stored', async () => {
  expect((await deliver('c', { headers: { 'x-gitlab-event': 'Wiki Page Hook' } })).statusCode).toBe(200);
  expect(await stored('c')).toEqual([]);
});

test('a body that is no JSON is told so, with or without a content type', async () => {
  expect((await deliver('d', { payload: '{"repository":' })).statusCode).toBe(400);
  expect(
    (await deliver('d', { payload: 'nonsense', headers: { 'content-type': 'text/weird' } })).statusCode,
  ).toBe(400);
  expect((await deliver('d', { payload: '' })).statusCode).toBe(400);
});

test('a body above 25 MiB is not read', async () => {
  expect((await deliver('e', { payload: `"${'x'.repeat(25 * 1024 * 1024)}"` })).statusCode).toBe(413);
});

test('a database that is away is told as 503, so that the sender may come again', async () => {
  broken = true;
  const answer = await deliver('f');
  broken = false;
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '60']);
});

test('what came of deliveries is counted by source and result', async () => {
  await deliver('g', { url: `/hooks/jira/${SEGMENT}` });
  const { body } = await server.app.inject('/metrics');
  expect(body).toContain('countersign_deliveries_total{source="jira",result="stored"} 1');
  expect(body).toContain('countersign_deliveries_total{source="gitlab",result="duplicate"} 4');
});

test('no header and no body of a delivery reaches the log', () => {
  expect(server.logged.join('')).not.toMatch(/let-me-in|guess|nonsense/);
});
