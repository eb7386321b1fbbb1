import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGitlabHook } from '#adapters/gitlab/hook-hint.ts';
import type { CodeHostHint } from '#app/ports/hook-hints.ts';
import { receiveDelivery } from '#app/receive-delivery.ts';
import { gitlabSource } from '#src/compose-hooks.ts';
import { startTestApp, type TestApp } from '#test/integration/http/test-app.ts';
import { oddPayloads, type Payload } from './gitlab-odd-payloads.ts';

/*
 * Payloads that GitLab itself has sent, as other projects publish them, through our own webhook endpoint:
 * `COUNTERSIGN_TEST_PAYLOADS` names a folder of JSON files, each a bare body or `{headers, body}`. The shapes in such
 * collections that surprised us stand in `gitlab-odd-payloads.ts` and are sent always.
 */

const TOKEN = 'let-me-in';
const SEGMENT = 'f3a9c1d2e4b5';
const folder = process.env['COUNTERSIGN_TEST_PAYLOADS'];
const captured = folder === undefined ? [] : readFolder(resolve(folder));

const KINDS: Record<CodeHostHint['kind'], true> = {
  'merge-request': true,
  'command-note': true,
  pipeline: true,
  push: true,
  'branch-gone': true,
  'tag-push': true,
  ignored: true,
};

let server: TestApp;

beforeAll(async () => {
  const repositories = [...oddPayloads(), ...captured].flatMap(({ body }) => {
    const { repository } = hintOf(body);
    return repository === undefined ? [] : [repository];
  });
  const hook = { segment: SEGMENT, repositories };
  const source = gitlabSource(hook, { understandsAtlantis: true }, { signing: [], tokens: [TOKEN] });
  server = await startTestApp({
    hooks: {
      gitlab: [source],
      jira: [],
      receiveDelivery: (delivery) => receiveDelivery(server.database.db, delivery),
    },
  });
});
afterAll(() => server?.close());

describe('a payload of an odd shape', () => {
  test.each(oddPayloads())('is read without an error: $name', async ({ hint, ...payload }) => {
    const read = await replay(payload);
    expect(read.kind === 'ignored' ? `ignored: ${read.why}` : read.kind).toBe(hint);
  });
});

describe.skipIf(folder === undefined)('a payload captured elsewhere', () => {
  test('is there: the folder holds some', () => {
    expect(captured.length).toBeGreaterThan(0);
  });

  test.each(captured)('is taken, and stored once if it says anything: $name', async (payload) => {
    const read = await replay(payload);
    expect(Object.keys(KINDS)).toContain(read.kind);
    expect(read.kind === 'ignored' ? read.why : read.kind).not.toBe('');
  });
});

test('what is no JSON is told so', async () => {
  expect(await deliver({ name: 'broken', headers: {}, body: '{"object_kind":' }, 'broken')).toBe(400);
});

/** Sends it twice, as GitLab may, and returns what it was read as. */
async function replay(payload: Payload): Promise<CodeHostHint> {
  const key = createHash('sha256').update(payload.name).digest('hex');
  const hint = hintOf(payload.body);
  expect([await deliver(payload, key), await deliver(payload, key)]).toEqual([200, 200]);
  const rows = await server.database.db
    .selectFrom('webhook_deliveries')
    .select(['event', 'body'])
    .where('delivery_key', '=', key)
    .execute();
  expect(rows).toEqual(hint.kind === 'ignored' ? [] : [{ event: hint.kind, body: payload.body }]);
  return hint;
}

async function deliver({ headers, body }: Payload, key: string): Promise<number> {
  const answer = await server.app.inject({
    method: 'POST',
    url: `/hooks/gitlab/${SEGMENT}`,
    headers: {
      'content-type': 'application/json',
      ...headers,
      'x-gitlab-token': TOKEN,
      'idempotency-key': key,
    },
    payload: body,
  });
  return answer.statusCode;
}

function hintOf(body: string): CodeHostHint & { repository?: number } {
  return readGitlabHook(Buffer.from(body), { alsoAtlantis: true });
}

function readFolder(root: string): Payload[] {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  return files.toSorted().map((name) => payloadOf(name, readFileSync(join(root, name), 'utf8')));
}

/** `{headers, body}`, where the body may be text as it was sent, or the body alone. Secrets of others are left out. */
function payloadOf(name: string, text: string): Payload {
  const { headers, body } = asCapture(JSON.parse(text)) ?? { headers: {}, body: text };
  const ours =
    /^(x-gitlab-token|webhook-signature|idempotency-key|content-length|host|connection|transfer-encoding)$/i;
  const kept = Object.entries(headers).filter(([key]) => !ours.test(key));
  return { name, headers: Object.fromEntries(kept.map(([key, value]) => [key, String(value)])), body };
}

function asCapture(value: unknown): { headers: Record<string, unknown>; body: string } | undefined {
  if (typeof value !== 'object' || value === null || !('body' in value)) return undefined;
  if ('object_kind' in value || 'event_name' in value) return undefined;
  const { body } = value;
  const headers = 'headers' in value && typeof value.headers === 'object' ? value.headers : {};
  return { headers: { ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) };
}
