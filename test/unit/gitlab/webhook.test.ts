import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { verifyGitlabDelivery } from '#adapters/gitlab/webhook.ts';
import type { GitlabHookSecrets } from '#adapters/gitlab/webhook.ts';

const KEY = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const ID = 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f';
const BODY = Buffer.from('{"object_kind":"merge_request"}');
const NOW = new Date(1_790_000_000_000);

describe('a signed delivery', () => {
  test('with the value computed for it elsewhere is accepted, under the id that was signed', () => {
    const signature = 'v1,fCc69z38QHYSUcP6wHvypT7mQAIJi4gflQWJQsmqW48=';
    expect(verify(signedBy(KEY, { 'webhook-signature': signature }))).toEqual({ ok: true, deliveryKey: ID });
  });

  test('is accepted when any of several signatures matches, as while secrets rotate', () => {
    const headers = signedBy(KEY);
    const both = { ...headers, 'webhook-signature': `v1,${'A'.repeat(43)}= ${headers['webhook-signature']}` };
    expect(verify(both).ok).toBe(true);
    expect(verify(headers, { signing: [OTHER, KEY], tokens: [] }).ok).toBe(true);
  });

  test('agrees with the reference library on any body', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const text = Buffer.from(bytes).toString('utf8');
        const signature = new Webhook(KEY).sign(ID, NOW, text);
        const headers = signedBy(KEY, { 'webhook-signature': signature });
        expect(verify(headers, { signing: [KEY], tokens: [] }, Buffer.from(text)).ok).toBe(true);
      }),
    );
  });

  test('is refused when one byte of the body, the id or the time differs', () => {
    const headers = signedBy(KEY);
    const changed = Buffer.from(BODY);
    changed[5] = (changed[5] ?? 0) ^ 1;
    expect(verify(headers, undefined, changed).ok).toBe(false);
    expect(verify({ ...headers, 'webhook-id': `${ID}0` }).ok).toBe(false);
    expect(verify({ ...headers, 'webhook-timestamp': '1790000001' }).ok).toBe(false);
  });

  test('is refused outside 300 seconds, before and after', () => {
    for (const [offset, ok] of [
      [-300, true],
      [300, true],
      [-301, false],
      [301, false],
    ] as const) {
      const at = 1_790_000_000 + offset;
      expect(verify(signedBy(KEY, {}, at)).ok, `${offset} s`).toBe(ok);
    }
  });

  test('that fails is never saved by the right secret token', () => {
    const headers = { ...signedBy(OTHER), 'x-gitlab-token': 'secret' };
    expect(verify(headers, { signing: [KEY], tokens: ['secret'] })).toMatchObject({ ok: false });
  });

  test('takes its key from the signed id, not from the unsigned Idempotency-Key', () => {
    const headers = { ...signedBy(KEY), 'idempotency-key': 'another-one-of-them' };
    expect(verify(headers)).toEqual({ ok: true, deliveryKey: ID });
  });
});

describe('an unsigned delivery', () => {
  const headers = { 'x-gitlab-token': 'secret', 'idempotency-key': ID, 'x-gitlab-event': 'Push Hook' };

  test('is refused where a signing token is configured, unless that is allowed for now', () => {
    const secrets = { signing: [KEY], tokens: ['secret'] };
    expect(verify(headers, secrets)).toEqual({ ok: false, why: 'the signature is missing' });
    expect(verify(headers, { ...secrets, legacyAllowed: true })).toEqual({ ok: true, deliveryKey: ID });
  });

  test('is accepted with either of two secret tokens and refused with another or none', () => {
    const secrets = { signing: [], tokens: ['old', 'secret'] };
    expect(verify(headers, secrets).ok).toBe(true);
    expect(verify({ ...headers, 'x-gitlab-token': 'secrets' }, secrets).ok).toBe(false);
    expect(verify({ ...headers, 'x-gitlab-token': '' }, secrets).ok).toBe(false);
    expect(verify({ 'idempotency-key': ID }, secrets).ok).toBe(false);
  });

  test('is refused when no secret is configured at all', () => {
    expect(verify(headers, { signing: [], tokens: [] })).toEqual({
      ok: false,
      why: 'no secret is configured',
    });
  });

  test('without an id has a key from its kind and body, and one with a strange id a key that is safe to store', () => {
    const secrets = { signing: [], tokens: ['secret'] };
    const bare = { 'x-gitlab-token': 'secret', 'x-gitlab-event': 'Push Hook' };
    const first = verify(bare, secrets);
    expect(first).toEqual(verify(bare, secrets));
    expect(first).not.toEqual(verify({ ...bare, 'x-gitlab-event': 'Note Hook' }, secrets));
    expect(verify({ ...bare, 'idempotency-key': "'; drop table" }, secrets)).toMatchObject({
      deliveryKey: expect.stringMatching(/^h-[0-9a-f]{64}$/),
    });
  });
});

test('a refusal never repeats what was received', () => {
  const headers: Record<string, string> = { ...signedBy(OTHER), 'x-gitlab-token': 'canary-token' };
  const verdict = JSON.stringify(verify(headers));
  expect(verdict).not.toContain('canary');
  expect(verdict).not.toContain(headers['webhook-signature'] ?? 'none');
});

function verify(
  headers: Record<string, string>,
  secrets: GitlabHookSecrets = { signing: [KEY], tokens: [] },
  rawBody: Uint8Array = BODY,
) {
  return verifyGitlabDelivery({ headers, rawBody, secrets, now: NOW });
}

function signedBy(
  token: string,
  overrides: Record<string, string> = {},
  at = 1_790_000_000,
): Record<string, string> {
  const key = Buffer.from(token.slice('whsec_'.length), 'base64');
  const mac = createHmac('sha256', key).update(`${ID}.${at}.`).update(BODY).digest('base64');
  return {
    'webhook-id': ID,
    'webhook-timestamp': String(at),
    'webhook-signature': `v1,${mac}`,
    ...overrides,
  };
}
