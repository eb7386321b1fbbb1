import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { historiesIn } from '#adapters/jira/dc/changelog.ts';
import { createDcClient, type JiraDataCenterOptions } from '#adapters/jira/dc/client.ts';
import { setScene, STATUS_IDS } from './adapters-jira-scene.ts';

const TOKEN = 'personal-access-token-0123456789';
const MYSELF = { method: 'GET', path: ['api', '2', 'myself'] } as const;
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

describe('the client of Data Center', () => {
  test('follows no redirect: the token would go along', async () => {
    const asked: string[] = [];
    const client = await clientOf((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await expect(client(MYSELF)).rejects.toMatchObject({ code: 'jira-rejected', status: 302 });
    expect(asked).toEqual(['/jira/rest/api/2/myself']);
  });

  test('reads no more than JIRA has reason to send', async () => {
    const client = await clientOf((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      const write = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', write).writeHead(200, { 'content-type': 'application/json' });
      write();
    });
    await expect(client(MYSELF)).rejects.toMatchObject({ code: 'jira-unexpected-answer' });
  });

  test('takes a page of a proxy for no answer, and quotes nothing of it', async () => {
    const client = await clientOf((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in: secret</html>');
    });
    const failure = client(MYSELF);
    await expect(failure).rejects.toMatchObject({ code: 'jira-unexpected-answer', retryable: true });
    await expect(failure).rejects.not.toThrow(/secret/);
  });

  test('gives up in time, and a write only once', async () => {
    let asked = 0;
    const client = await clientOf(
      () => {
        asked += 1;
      },
      { timeoutMs: 300 },
    );
    const write = client({ method: 'POST', path: ['api', '2', 'issue'], body: {} });
    await expect(write).rejects.toMatchObject({ code: 'jira-timeout', retryable: true, status: 0 });
    // On a busy machine the time may be over before the request is there.
    expect(asked).toBeLessThan(2);
  });

  test('waits as long as it is asked to and repeats what only reads, but no write', async () => {
    let asked = 0;
    const client = await clientOf((_, response) => {
      asked += 1;
      if (asked > 1) response.end('{}');
      else response.writeHead(429, { 'retry-after': '0' }).end('Rate limit exceeded.');
    });
    expect(await client({ method: 'POST', path: ['api', '2', 'search'], body: {} })).toEqual({});
    expect(asked).toBe(2);
    asked = 0;
    const write = client({ method: 'POST', path: ['api', '2', 'issue'], body: {} });
    await expect(write).rejects.toMatchObject({ code: 'jira-rate-limited', retryAfterMs: 0 });
    expect(asked).toBe(1);
  });

  test('tells what JIRA says is wrong, without the token should it be echoed', async () => {
    const client = await clientOf((_, response) => {
      const said = { errorMessages: [`no such token: ${TOKEN}`], errors: { customfield_1: 'is required' } };
      response.writeHead(400).end(JSON.stringify(said));
    });
    await expect(client(MYSELF)).rejects.toThrow(
      'JIRA answered 400 to GET myself: no such token: [token] customfield_1: is required',
    );
  });

  test('encodes what it puts into a path, and refuses what leads out of it', async () => {
    const asked: string[] = [];
    const client = await clientOf((request, response) => {
      asked.push(request.url ?? '');
      response.end('{}');
    });
    await client({
      method: 'GET',
      path: ['api', '2', 'issue', 'A/../b?c#d'],
      query: { fields: ['a', 'b&c'] },
    });
    expect(asked).toEqual(['/jira/rest/api/2/issue/A%2F..%2Fb%3Fc%23d?fields=a%2Cb%26c']);
    expect(() => client({ method: 'GET', path: ['api', '..', 'x'] })).toThrow('not a path');
  });
});

describe('the changelog of Data Center', () => {
  const entry = (id: number) => ({ id: String(id), created: `2026-03-01T11:0${id}:00.000+0000`, items: [] });

  test('is oldest first, whichever end an answer begins with', () => {
    const entries = [entry(1), entry(2), entry(3)];
    for (const histories of [entries, entries.toReversed()])
      expect(historiesIn({ total: 3, histories }, 'CHG-1')).toEqual(entries);
    expect(historiesIn({ total: 0, histories: [] }, 'CHG-1')).toEqual([]);
  });

  test('that is not whole is a fault: what is missing could take an approval back', () => {
    expect(() => historiesIn({ total: 3, histories: [entry(1), entry(2)] }, 'CHG-1')).toThrow(
      'the changelog of CHG-1 came with 2 of 3 entries',
    );
  });
});

test('a user whose bucket of requests is empty is told how long to wait, and reads go on by themselves', async () => {
  const scene = await setScene('data-center');
  try {
    const { key } = await scene.tickets.open({
      changeId: 'chg_1',
      number: 1,
      content: { summary: 's', body: [] },
      binding: { changeId: 'chg_1', revision: 1, tupleHash: 't' },
    });
    await scene.sandbox('PATCH', '/settings', { rateLimit: { capacity: 1, perSecond: 1 } });
    for (let i = 0; i < 3; i += 1) expect((await scene.tickets.read(key)).status).toBe('requested');
    expect(scene.calls.some(({ status }) => status === 429)).toBe(true);
  } finally {
    await scene.jira.close();
  }
});

async function clientOf(answer: RequestListener, options: Partial<JiraDataCenterOptions> = {}) {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return createDcClient({
    baseUrl: `http://127.0.0.1:${port}/jira/`,
    token: TOKEN,
    projectKey: 'CHG',
    issueType: { name: 'Change' },
    statusIds: STATUS_IDS,
    ...options,
  });
}
