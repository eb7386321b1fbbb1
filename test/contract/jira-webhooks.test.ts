import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hubSignature } from '#test/sandbox/jira/hooks/signature.ts';
import { readSpec, specsFolder } from './jira-openapi.ts';
import { fileForm, type JiraSite, paragraph, startSite } from './jira-site.ts';

const secret = 'a shared secret';

interface Received {
  headers: IncomingHttpHeaders;
  raw: string;
  body: Record<string, unknown>;
}

describe.skipIf(specsFolder === undefined)('signing of webhooks (skipped without the specs folder)', () => {
  it("agrees with Atlassian's published vector", () => {
    const { jira } = readSpec('webhook-signature-vectors.json') as {
      jira: { secret: string; body: string; value: string }[];
    };
    expect(jira).toHaveLength(1);
    for (const vector of jira) expect(hubSignature(vector.secret, vector.body)).toBe(vector.value);
  });
});

describe("the JIRA double's webhooks", () => {
  let site: JiraSite;
  let receiver: Server;
  let received: Received[];
  let answer: number;

  const register = async (change: Record<string, unknown> = {}) => {
    const { port } = receiver.address() as AddressInfo;
    const { status, body } = await site.as('administrator', 'POST', '/rest/webhooks/1.0/webhook', {
      name: 'Countersign',
      url: `http://127.0.0.1:${port}/hook`,
      events: [
        'jira:issue_created',
        'jira:issue_updated',
        'comment_created',
        'issue_property_set',
        'attachment_created',
      ],
      secret,
      filters: { 'issue-related-events-section': 'project = CHG' },
      ...change,
    });
    return { status, body };
  };
  const settled = () => site.sandbox('POST', '/deliveries/settle');
  const eventsReceived = () => new Set(received.map(({ body }) => body['webhookEvent']));

  beforeEach(async () => {
    received = [];
    answer = 200;
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        received.push({ headers: request.headers, raw, body: JSON.parse(raw) as Record<string, unknown> });
        response.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => {
      receiver.listen(0, '127.0.0.1', resolve);
    });
    site = await startSite();
  });
  afterEach(async () => {
    await site.close();
    receiver.closeAllConnections();
    receiver.close();
  });

  it('are registered by administrators alone, and never show their secret', async () => {
    const { status, body } = await register();
    expect(status).toBe(201);
    expect(JSON.stringify(body)).not.toContain(secret);
    expect(body).toMatchObject({ isSigned: true, enabled: true });
    expect((await site.as('bot', 'GET', '/rest/webhooks/1.0/webhook')).status).toBe(403);
    expect((await register({ events: ['nonsense'] })).status).toBe(400);
  });

  it('are signed over the raw body and carry an identifier', async () => {
    await register();
    await site.newIssue();
    await settled();
    const [hook] = received;
    expect(hook?.headers['x-hub-signature']).toBe(hubSignature(secret, hook?.raw ?? ''));
    expect(hook?.headers['x-atlassian-webhook-identifier']).toMatch(/^[0-9a-f-]{36}$/);
    expect(hook?.headers['x-atlassian-webhook-flow']).toBe('Primary');
    expect(hook?.headers).not.toHaveProperty('x-atlassian-webhook-retry');
  });

  it('tell of a move with its changelog, in the words of v2', async () => {
    await register();
    const key = await site.newIssue({ description: paragraph('The plan.') });
    await site.move('bot', key, '11');
    await settled();
    const hook = received.find(({ body }) => body['webhookEvent'] === 'jira:issue_updated');
    expect(hook?.body).toMatchObject({
      timestamp: expect.any(Number),
      issue_event_type_name: 'issue_generic',
      user: { accountId: 'bot', accountType: 'atlassian' },
      issue: { key, fields: { description: 'The plan.', status: { id: '10101' } } },
      changelog: { items: [{ fieldId: 'status', from: '10100', to: '10101', toString: 'In review' }] },
    });
  });

  it('tell of comments, attachments and properties without a changelog', async () => {
    await register({ events: ['comment_created', 'attachment_created', 'issue_property_set'] });
    const key = await site.newIssue();
    await site.as('bot', 'POST', `/issue/${key}/comment`, { body: paragraph('Ready.') });
    await site.as('bot', 'POST', `/issue/${key}/attachments`, fileForm('plan.txt', 'plan'));
    await site.as('bot', 'PUT', `/issue/${key}/properties/a`, 1);
    await settled();
    expect(eventsReceived()).toEqual(
      new Set(['attachment_created', 'comment_created', 'issue_property_set']),
    );
    for (const { body } of received) expect(body).not.toHaveProperty('changelog');
    const comment = received.find(({ body }) => body['webhookEvent'] === 'comment_created');
    expect(comment?.body).toMatchObject({ comment: { body: 'Ready.' }, issue: { key } });
  });

  it('keep to their filter', async () => {
    await register({ filters: { 'issue-related-events-section': 'labels = wanted' } });
    await site.newIssue({ labels: ['other'] });
    const wanted = await site.newIssue({ labels: ['wanted'] });
    await settled();
    expect(received.map(({ body }) => body['issue'])).toMatchObject([{ key: wanted }]);
  });

  it('are tried again, ten minutes apart and five times, under one identifier', async () => {
    await register();
    answer = 503;
    await site.newIssue();
    await settled();
    const tooEarly = await site.sandbox('POST', '/hooks/clock/advance', { milliseconds: 60_000 });
    expect(tooEarly.body).toEqual({ retried: 0 });
    for (let retry = 1; retry <= 7; retry += 1) {
      await site.sandbox('POST', '/hooks/clock/advance', { milliseconds: 15 * 60_000 });
    }
    expect(received.map(({ headers }) => headers['x-atlassian-webhook-retry'])).toEqual([
      undefined,
      '1',
      '2',
      '3',
      '4',
      '5',
    ]);
    expect(new Set(received.map(({ headers }) => headers['x-atlassian-webhook-identifier'])).size).toBe(1);
    expect((await site.sandbox('GET', '/deliveries?state=failed')).body).toHaveLength(1);
  });

  it('are not tried again after a refusal', async () => {
    await register();
    answer = 401;
    await site.newIssue();
    await settled();
    await site.sandbox('POST', '/hooks/clock/advance', { milliseconds: 3_600_000 });
    expect(received).toHaveLength(1);
  });

  it('get lost, doubled, delayed and reordered on demand', async () => {
    await register({ events: ['jira:issue_created'] });
    await site.sandbox('POST', '/hooks/faults', { kind: 'lost' });
    await site.newIssue();
    await settled();
    expect(received).toHaveLength(0);

    await site.sandbox('POST', '/hooks/faults', { kind: 'doubled' });
    await site.newIssue();
    await settled();
    expect(received).toHaveLength(2);
    expect(received[0]?.raw).toBe(received[1]?.raw);

    await site.sandbox('POST', '/hooks/faults', { kind: 'delayed' });
    await site.newIssue();
    await settled();
    expect(received).toHaveLength(2);
    await site.sandbox('POST', '/hooks/release');
    expect(received).toHaveLength(3);

    await site.sandbox('POST', '/hooks/faults', { kind: 'reordered', count: 2 });
    const [first, second] = [await site.newIssue(), await site.newIssue()];
    await settled();
    expect(received.slice(3).map(({ body }) => body['issue'])).toMatchObject([
      { key: second },
      { key: first },
    ]);
  });

  it('can be forged with a true signature while the store says otherwise', async () => {
    const { body } = await register();
    const key = await site.newIssue();
    await site.move('bot', key, '11');
    const webhookId = Number((body as { self: string }).self.split('/').at(-1));
    await site.sandbox('POST', '/hooks/forge', {
      webhookId,
      issueKey: key,
      accountId: 'approver',
      toStatusId: '10102',
    });
    const forged = received.at(-1);
    expect(forged?.headers['x-hub-signature']).toBe(hubSignature(secret, forged?.raw ?? ''));
    expect(forged?.body).toMatchObject({
      user: { accountId: 'approver' },
      changelog: { items: [{ to: '10102' }] },
    });
    const stored = await site.as('bot', 'GET', `/issue/${key}?fields=status`);
    expect(stored.body).toMatchObject({ fields: { status: { id: '10101' } } });
    expect((await site.as('bot', 'GET', `/issue/${key}/changelog`)).body).toMatchObject({ total: 1 });
  });
});
