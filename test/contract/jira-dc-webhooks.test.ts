import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readJiraHook, verifyJiraDelivery } from '#adapters/jira/webhook.ts';
import { type JiraSite, startSite } from './jira-site.ts';

const SECRET = "It's a Secret to Everybody";
let site: JiraSite;
let received: { headers: IncomingHttpHeaders; rawBody: Buffer }[];
let answer: number;
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    received.push({ headers: request.headers, rawBody: Buffer.concat(chunks) });
    response.writeHead(answer).end();
  });
});

beforeEach(async () => {
  received = [];
  answer = 200;
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  site = await startSite({ version: '2', edition: 'data-center' });
  await site.as('administrator', 'POST', '/rest/webhooks/1.0/webhook', {
    name: 'Countersign',
    url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
    events: ['jira:issue_updated'],
    secret: SECRET,
    filters: {},
  });
});
afterEach(async () => {
  await site.close();
  receiver.closeAllConnections();
  receiver.close();
  await once(receiver, 'close');
});

test('a webhook of Data Center is signed, names no delivery, and is believed by its body', async () => {
  const key = await site.newIssue();
  await site.move('bot', key, '11');
  await site.sandbox('POST', '/deliveries/settle');
  const [delivery] = received;
  if (delivery === undefined) throw new Error('nothing was delivered');
  expect(Object.keys(delivery.headers).filter((name) => name.startsWith('x-'))).toEqual(['x-hub-signature']);
  const verdict = verifyJiraDelivery({ ...delivery, secrets: [SECRET], now: new Date() });
  expect(verdict).toMatchObject({ ok: true, deliveryKey: expect.stringMatching(/^b-[0-9a-f]{64}$/) });
  expect(readJiraHook(delivery.rawBody)).toEqual({ kind: 'ticket', key });
  expect(JSON.parse(delivery.rawBody.toString())).toMatchObject({
    user: { key: 'bot', name: 'bot' },
    changelog: { items: [{ field: 'status', to: '10101' }] },
  });
  expect(delivery.rawBody.toString()).not.toContain('fieldId');
});

test('a webhook of Data Center that is not taken is not sent again', async () => {
  answer = 503;
  await site.move('bot', await site.newIssue(), '11');
  await site.sandbox('POST', '/deliveries/settle');
  await site.sandbox('POST', '/hooks/clock/advance', { milliseconds: 3_600_000 });
  expect(received).toHaveLength(1);
  expect((await site.sandbox('GET', '/deliveries')).body).toMatchObject([{ state: 'failed' }]);
});
