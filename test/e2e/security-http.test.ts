import { execFile } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reader } from '#test/sandbox/house/actors.ts';
import { openStory, type Story } from '#test/support/story.ts';

const ROOT = join(import.meta.dirname, '../..');

let story: Story;
let cookie: string;
let changeId: string;

beforeAll(async () => {
  story = await openStory({ files: () => ({ 'README.md': 'Nothing yet.\n' }) });
  const { iid } = await story.propose('first', {
    'a/main.tf': story.module('a', 'output "x" { value = 1 }'),
  });
  changeId = (await story.changeIs(iid, /./, 40_000)).id;
  ({ cookie } = await reader(story));
}, 60_000);
afterAll(() => story?.close());

/** A hook of a push that GitLab might have sent, about a project. */
const pushBody = (project: number, more = {}) =>
  JSON.stringify({
    object_kind: 'push',
    project_id: project,
    ref: 'refs/heads/x',
    after: 'a'.repeat(40),
    ...more,
  });

const own = () => story.scene.project.id;

/** Sends a body to the GitLab address, signed by the library that the format's authors publish, unless said otherwise. */
async function deliver(
  body: string,
  { id = randomUUID(), at = new Date(), segment = story.hooks.gitlabSegment, headers = {} }: Delivery = {},
): Promise<{ status: number; stored: number; text: string; csp: string | null }> {
  const webhook = new Webhook(story.hooks.gitlabSigningToken);
  const answer = await fetch(`${story.serverUrl}/hooks/gitlab/${segment}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-gitlab-event': 'Push Hook',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': webhook.sign(id, at, body),
      ...headers,
    },
    body,
  });
  const rows = await story.query('select from webhook_deliveries where delivery_key = $1', [id]);
  return {
    status: answer.status,
    stored: rows.length,
    text: await answer.text(),
    csp: answer.headers.get('content-security-policy'),
  };
}

interface Delivery {
  id?: string;
  at?: Date;
  segment?: string;
  headers?: Record<string, string>;
}

describe('a delivery to the hook address', () => {
  test('that is signed is stored once, however often it is played back', async () => {
    const id = randomUUID();
    const at = new Date();
    const answers = await Promise.all([1, 2, 3].map(() => deliver(pushBody(own()), { id, at })));
    expect(answers.map(({ status, text }) => [status, text])).toEqual(Array(3).fill([200, '']));
    expect((await deliver(pushBody(own()), { id, at })).stored).toBe(1);
  });

  const old = new Date(Date.now() - 301_000);
  test.each<[string, Delivery]>([
    ['whose signature is made up', { headers: { 'webhook-signature': `v1,${'A'.repeat(43)}=` } }],
    ['without a signature', { headers: { 'webhook-signature': '' } }],
    [
      'with a secret token in place of the signature',
      { headers: { 'webhook-signature': '', 'x-gitlab-token': 'x' } },
    ],
    ['that is older than five minutes', { at: old }],
    ['to another address', { segment: 'f'.repeat(32) }],
    ['to an address that climbs', { segment: '..%2f..%2fmetrics' }],
  ])('%s is refused and not stored', async (_, delivery) => {
    const { status, stored } = await deliver(pushBody(own()), delivery);
    expect([status, stored]).toEqual([401, 0]);
  });

  test('whose body is not the one that was signed is refused', async () => {
    const id = randomUUID();
    const at = new Date();
    const signature = new Webhook(story.hooks.gitlabSigningToken).sign(id, at, pushBody(own()));
    const forged = pushBody(own(), { after: 'b'.repeat(40) });
    const { status, stored } = await deliver(forged, { id, at, headers: { 'webhook-signature': signature } });
    expect([status, stored]).toEqual([401, 0]);
  });

  test('about the repository of another hook is refused, though its signature is right', async () => {
    expect(await deliver(pushBody(own() + 1))).toMatchObject({ status: 401, stored: 0 });
  });

  test.each<[string, () => string, number]>([
    ['nested a hundred thousand deep', () => `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 200],
    [
      'nested deep within a hook',
      () => pushBody(own(), { x: JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) }),
      200,
    ],
    ['that is no JSON', () => '{"object_kind":', 400],
    ['that is empty', () => '', 400],
    ['whose numbers are none', () => pushBody(-1), 200],
  ])('with a body %s harms nothing', async (_, body, status) => {
    expect(await deliver(body())).toMatchObject({ status, stored: 0 });
    expect((await fetch(`${story.serverUrl}/healthz`)).status).toBe(200);
  });

  test('that is larger than GitLab’s largest is cut off', async () => {
    const id = randomUUID();
    // The server answers and closes while we still send: which of the two we see is a matter of timing.
    const seen = await deliver(pushBody(own(), { x: 'x'.repeat(27_000_000) }), { id }).then(
      ({ status }) => status,
      () => 'connection closed',
    );
    expect([413, 'connection closed']).toContain(seen);
    expect(await story.query('select from webhook_deliveries where delivery_key = $1', [id])).toEqual([]);
  });

  test('that reaches for the prototype of everything changes nothing', async () => {
    const body = pushBody(own()).replace(
      '{',
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},',
    );
    expect(await deliver(body)).toMatchObject({ status: 200, stored: 1 });
    expect(await (await fetch(`${story.serverUrl}/healthz`)).json()).toEqual({ status: 'alive' });
  });

  test('from JIRA that is signed with another secret, or not at all, is refused', async () => {
    const body = JSON.stringify({
      timestamp: Date.now(),
      webhookEvent: 'jira:issue_updated',
      issue: { key: 'CHG-1' },
    });
    const url = `${story.serverUrl}/hooks/jira/${story.hooks.jiraSegment}`;
    const statuses = await Promise.all(
      ['', 'wrong', story.hooks.jiraSecret].map(async (secret) => {
        const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
        const headers = {
          'content-type': 'application/json',
          ...(secret === '' ? {} : { 'x-hub-signature': signature }),
        };
        return (await fetch(url, { method: 'POST', headers, body })).status;
      }),
    );
    expect(statuses).toEqual([401, 401, 200]);
  });
});

describe('whoever is not logged in', () => {
  test.each([
    '/changes',
    '/changes/ID',
    '/changes/ID/runs/ID.p1/log',
    '/changes/ID/runs/ID.p1/log/events',
    '/log',
    '/log/entries/0',
  ])('is shown nothing of %s, as page or as JSON, with a made-up session either', async (path) => {
    const url = story.serverUrl + path.replaceAll('ID', changeId);
    for (const headers of [{}, { cookie: `${cookie.split('=')[0]}=${'A'.repeat(43)}` }]) {
      const page = await fetch(url, { redirect: 'manual', headers: { ...headers, accept: 'text/html' } });
      const json = await fetch(url, {
        redirect: 'manual',
        headers: { ...headers, accept: 'application/json' },
      });
      expect([page.status, await page.text(), json.status]).toEqual([303, '', 401]);
      expect(await json.text()).not.toContain(changeId);
    }
  });

  test('learns no version of anything', async () => {
    const version = (await promisify(execFile)('terraform', ['version', '-json'])).stdout;
    const { terraform_version: terraform } = JSON.parse(version) as { terraform_version: string };
    for (const path of ['/', '/login', '/healthz', '/readyz', '/metrics', '/nowhere', '/hooks/gitlab/x']) {
      const answer = await fetch(story.serverUrl + path, { redirect: 'manual' });
      const all = `${JSON.stringify([...answer.headers])}\n${await answer.text()}`;
      for (const told of [
        terraform,
        process.version,
        process.versions.node,
        'fastify',
        'x-powered-by',
        'PostgreSQL 1',
        '"server"',
      ])
        expect(all.toLowerCase()).not.toContain(told.toLowerCase());
    }
  });
});

/** Sends a request line as it stands: `fetch` would tidy the path up. */
async function rawGet(path: string): Promise<string> {
  const { hostname, port } = new URL(story.serverUrl);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('utf8');
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncookie: ${cookie}\r\nconnection: close\r\n\r\n`);
  await once(socket, 'close');
  return text;
}

describe('whoever is logged in', () => {
  test.each([
    '/assets/../../../../etc/passwd',
    '/assets/..%2f..%2f..%2fetc%2fpasswd',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/..%5c..%5cpackage.json',
    '//etc/passwd',
    '/changes/%00',
    '/changes/%ff',
    '/changes/..%2f..%2flog',
    '/changes/ID/runs/..%2f..%2fx/log',
    '/changes/LONG',
    '/log/entries/-1',
    '/log/entries/99999999999999999999',
    '/log/entries/1e3',
    '/log?before=-1',
    '/log?before=1&before=2',
    '/changes?q=%00&status[]=x&page=-5',
    '/changes/__proto__',
    '/changes/ID/runs/constructor/log',
    '/changes/ID/runs/ID.p1/log?after=99999999999999',
    '/approvals/%27%20or%201=1',
  ])('gets no file and breaks nothing with the path %s', async (path) => {
    const answer = await rawGet(path.replaceAll('ID', changeId).replace('LONG', 'a'.repeat(15_000)));
    expect(answer).toMatch(/^HTTP\/1\.1 (?:200|30\d|4\d\d) /);
    expect(answer).not.toMatch(/root:|"devDependencies"|\n\s+at /);
  });

  test('is given pages that load and run nothing but our own files', async () => {
    const paths = [
      '/changes',
      `/changes/${changeId}`,
      `/changes/${changeId}/runs/${changeId}.p1/log`,
      '/log',
      '/log/entries/0',
      '/log/checkpoint',
      '/login',
      '/nowhere',
      '/changes/none',
      '/metrics',
      '/readyz',
    ];
    for (const path of paths) {
      const answer = await fetch(story.serverUrl + path, { headers: { cookie, accept: 'text/html' } });
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect([path, policy]).toEqual([
        path,
        "default-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none';object-src 'none'",
      ]);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
    const { csp } = await deliver('', {});
    expect(csp).toContain("default-src 'self'");
  });

  test('is not logged out by a form on another site', async () => {
    const answer = await fetch(`${story.serverUrl}/logout`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.status).toBe(403);
    expect(
      (await fetch(`${story.serverUrl}/changes`, { redirect: 'manual', headers: { cookie } })).status,
    ).toBe(200);
  });
});

test('the server does not start as the owner of what it must not be able to change', async () => {
  const env = {
    PATH: process.env['PATH'] ?? '',
    COUNTERSIGN_CONFIG: join(story.dir, 'countersign.server.yaml'),
    DATABASE_URL: story.adminUrl,
  };
  const start = promisify(execFile)(process.execPath, [join(ROOT, 'src/server.ts')], {
    env,
    timeout: 30_000,
  });
  const failure = await start.then(
    () => undefined,
    (error: unknown) => error as { code: number; stderr: string; killed: boolean },
  );
  expect(failure).toMatchObject({ code: 1, killed: false });
  expect(failure?.stderr).toMatch(/own|superuser/i);
  expect(failure?.stderr).not.toContain('\n    at ');
});
