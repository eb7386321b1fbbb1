import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readJiraHook, verifyJiraDelivery } from '#adapters/jira/webhook.ts';

const SECRET = "It's a Secret to Everybody";
const NOW = new Date('2026-11-01T12:00:00Z');
const BODY = JSON.stringify({ timestamp: NOW.getTime(), webhookEvent: 'jira:issue_updated' });
const ID = 'd0c4a2b6-7f0e-4a10-9c5e-6f4f4e5f6a7b';

describe('a delivery from JIRA', () => {
  test('is signed the way Atlassian publishes it', () => {
    const published = 'a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9';
    const verdict = verify('Hello World!', { 'x-hub-signature': `sha256=${published}` });
    // The signature holds; the body of that example has no time in it.
    expect(verdict).toEqual({ ok: false, why: 'the body has no timestamp' });
  });

  test('is accepted under the identifier that its repetitions share, with either of two secrets', () => {
    const headers = { ...signed(BODY), 'x-atlassian-webhook-identifier': ID };
    expect(verify(BODY, headers)).toEqual({ ok: true, deliveryKey: ID });
    expect(verify(BODY, headers, ['new', SECRET])).toEqual({ ok: true, deliveryKey: ID });
  });

  test('without an identifier, as from Data Center, is known by its body', () => {
    expect(verify(BODY, signed(BODY))).toMatchObject({
      deliveryKey: expect.stringMatching(/^b-[0-9a-f]{64}$/),
    });
  });

  test.each([
    ['another body', { 'x-hub-signature': `sha256=${mac(`${BODY} `)}` }],
    [
      'another method',
      { 'x-hub-signature': `sha1=${createHmac('sha1', SECRET).update(BODY).digest('hex')}` },
    ],
    ['no method', { 'x-hub-signature': mac(BODY) }],
    ['no signature', {}],
  ])('with %s is refused', (_, headers) => {
    expect(verify(BODY, headers as Record<string, string>).ok).toBe(false);
  });

  test('is refused when no secret is configured, or an empty one', () => {
    expect(verify(BODY, signed(BODY), []).ok).toBe(false);
    expect(verify(BODY, signed(BODY, ''), ['']).ok).toBe(false);
  });

  test.each([
    ['a day old', -86_400_000, true],
    ['older than a day', -86_400_001, false],
    ['a minute ahead', 60_000, true],
    ['further ahead', 60_001, false],
  ])('%s: accepted %#', (_, offset, ok) => {
    const body = JSON.stringify({ timestamp: NOW.getTime() + offset });
    expect(verify(body, signed(body)).ok).toBe(ok);
  });
});

describe('what follows from it', () => {
  test.each(['jira:issue_updated', 'jira:issue_deleted', 'issue_property_set', 'attachment_deleted'])(
    '%s: the ticket is read again',
    (webhookEvent) => {
      expect(hint({ webhookEvent, issue: { key: 'CHG-7' } })).toEqual({ kind: 'ticket', key: 'CHG-7' });
    },
  );

  test.each([
    { webhookEvent: 'comment_created', issue: { key: 'CHG-7' } },
    { webhookEvent: 'jira:issue_updated', issue: { key: '../myself' } },
    { webhookEvent: 'jira:issue_updated' },
    [],
    null,
  ])('nothing from %j', (body) => {
    expect(hint(body)).toMatchObject({ kind: 'ignored' });
  });

  test('nothing it says about who approved is handed on', () => {
    const forged = {
      webhookEvent: 'jira:issue_updated',
      user: { accountId: 'approver' },
      issue: { key: 'CHG-7', fields: { status: { name: 'Approved' } } },
    };
    expect(Object.keys(hint(forged))).toEqual(['kind', 'key']);
  });
});

function verify(body: string, headers: Record<string, string>, secrets: readonly string[] = [SECRET]) {
  return verifyJiraDelivery({ headers, rawBody: Buffer.from(body), secrets, now: NOW });
}

function signed(body: string, secret = SECRET): Record<string, string> {
  return { 'x-hub-signature': `sha256=${mac(body, secret)}` };
}

function mac(body: string, secret = SECRET): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function hint(body: unknown) {
  return readJiraHook(Buffer.from(JSON.stringify(body)));
}
