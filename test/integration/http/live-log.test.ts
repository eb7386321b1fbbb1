import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aChange, aProject, insertAttempt, insertChange, printLines } from './change-fixture.ts';
import { AS_AUDITOR, startTestApp, type TestApp } from './test-app.ts';

let server: TestApp;
let port = 0;

beforeAll(async () => {
  server = await startTestApp();
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  port = (server.app.server.address() as AddressInfo).port;
});
afterAll(() => server.close());

/** A change with one running attempt; the id of the attempt. */
async function aRunningAttempt(iid: number): Promise<string> {
  const { db } = server.database;
  await insertChange(db, aChange(iid, { projects: [aProject(`c${iid}`, 'fin/dns')] }));
  return insertAttempt(db, `c${iid}`, 'fin/dns');
}

const end = (id: string) =>
  server.database.db
    .updateTable('attempts')
    .set({ status: 'ended', outcome: 'succeeded' })
    .where('id', '=', id)
    .execute();

interface Reading {
  lines: { id: string; line: string }[];
  ended: boolean;
}

interface ReadOptions {
  after?: string | undefined;
  lastEventId?: string | undefined;
  /** Cuts the connection off after this many lines, in the middle of whatever comes. */
  cutAfter?: number;
  onLine?: (count: number) => void;
}

/** Reads the stream over a real connection until it ends or is cut. */
function read(
  run: string,
  { after, lastEventId, cutAfter = Infinity, onLine }: ReadOptions = {},
): Promise<Reading> {
  const path = `/changes/${run.split('.')[0]}/runs/${run}/log/events${after === undefined ? '' : `?after=${after}`}`;
  const headers = { ...AS_AUDITOR, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) };
  return new Promise((resolve, reject) => {
    const reading: Reading = { lines: [], ended: false };
    const call = request({ host: '127.0.0.1', port, path, headers }, (response) => {
      let text = '';
      const finish = () => {
        call.destroy();
        resolve(reading);
      };
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          if (reading.lines.length >= cutAfter) return finish();
          if (block.startsWith('event: end')) reading.ended = true;
          const [, id, data] = /^id: (\d+)\ndata: (.*)$/.exec(block) ?? [];
          if (id === undefined || data === undefined) continue;
          reading.lines.push({ id, line: (JSON.parse(data) as { line: string }).line });
          onLine?.(reading.lines.length);
        }
      });
      response.on('end', finish).on('error', finish);
    });
    call.on('error', (error) => (call.destroyed ? resolve(reading) : reject(error)));
    call.end();
  });
}

/** The same numbers on every run, so that a failure can be looked at again. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; state = (state * 48_271) % 2_147_483_647) yield state;
}

test('a reader who is cut off at random loses none of 1000 lines that are printed meanwhile, and sees none twice', async () => {
  const run = await aRunningAttempt(1);
  const random = numbers(20_261_121);
  const upTo = (most: number): number => 1 + (random.next().value % most);
  const writing = (async () => {
    for (let next = 1; next <= 1000; ) {
      const count = Math.min(upTo(60), 1001 - next);
      await printLines(server.database.db, run, next, count);
      next += count;
    }
    await end(run);
  })();

  const seen: string[] = [];
  let cuts = 0;
  for (let ended = false; !ended; cuts++) {
    const reading = await read(run, { after: '0', lastEventId: seen.at(-1), cutAfter: upTo(80) });
    seen.push(...reading.lines.map(({ id }) => id));
    ended = reading.ended;
  }
  await writing;
  expect(seen).toEqual(Array.from({ length: 1000 }, (_, i) => String(i + 1)));
  expect(cuts).toBeGreaterThan(10);
});

test('lines printed while somebody watches arrive without being asked for, and the end is told', async () => {
  const run = await aRunningAttempt(2);
  const { db } = server.database;
  await printLines(db, run, 1, 1);
  const reading = await read(run, {
    onLine: (count) => {
      if (count < 5) void printLines(db, run, count + 1, 1);
      else void end(run);
    },
  });
  expect(reading).toEqual({
    lines: [1, 2, 3, 4, 5].map((n) => ({ id: String(n), line: `line ${n}` })),
    ended: true,
  });
});

test('what a reader already has is not sent again: the header of a reconnect stands over the address of the page', async () => {
  const run = await aRunningAttempt(3);
  await printLines(server.database.db, run, 1, 10);
  await end(run);
  const ids = async (options: ReadOptions) => (await read(run, options)).lines.map(({ id }) => id);
  expect(await ids({ after: '7' })).toEqual(['8', '9', '10']);
  expect(await ids({ after: '2', lastEventId: '9' })).toEqual(['10']);
  expect(await ids({ after: 'nonsense' })).toHaveLength(10);
  expect(await read(run, { lastEventId: '10' })).toEqual({ lines: [], ended: true });
});

test('a line cannot forge an event', async () => {
  const run = await aRunningAttempt(4);
  const line = 'x\n\nevent: end\ndata: {}\n\n</script>';
  await printLines(server.database.db, run, 1, 1, () => line);
  await end(run);
  expect(await read(run)).toEqual({ lines: [{ id: '1', line }], ended: true });
});

test('readers go on when the connection that listens is lost', async () => {
  const run = await aRunningAttempt(5);
  const { db, pool } = server.database;
  await printLines(db, run, 1, 1);
  const reading = await read(run, {
    onLine: (count) => {
      if (count === 1) {
        const lose =
          "select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen countersign_output' and datname = current_database()";
        void pool.query(lose).then(() => printLines(db, run, 2, 1));
      } else void end(run);
    },
  });
  expect(reading).toMatchObject({ lines: [{ id: '1' }, { id: '2' }], ended: true });
});

test('the page holds what was printed, marks where it was read to, and its JSON has the same lines', async () => {
  const run = await aRunningAttempt(6);
  await printLines(server.database.db, run, 1, 3, (seq) => `<b>${seq}</b> \u202Egnp.exe \u001b[31m`);
  const url = `/changes/c6/runs/${run}/log`;
  const page = await server.app.inject({ url, headers: { ...AS_AUDITOR, accept: 'text/html' } });
  expect(page.body).toContain('&lt;b&gt;2&lt;/b&gt; \\u{202e}gnp.exe \\u{1b}[31m');
  expect(page.body).toContain(`data-events="${url}/events?after=3"`);
  const { lines } = (await server.app.inject({ url: `${url}.json?after=1`, headers: AS_AUDITOR })).json<{
    lines: { seq: number }[];
  }>();
  expect(lines.map(({ seq }) => seq)).toEqual([2, 3]);
});

test('a run of another change is not shown, and a stop of the server ends the streams', async () => {
  const run = await aRunningAttempt(7);
  expect(
    (await server.app.inject({ url: `/changes/c1/runs/${run}/log`, headers: AS_AUDITOR })).statusCode,
  ).toBe(404);
  const other = await startTestApp();
  await insertChange(other.database.db, aChange(7, { projects: [aProject('c7', 'fin/dns')] }));
  await insertAttempt(other.database.db, 'c7', 'fin/dns');
  await printLines(other.database.db, run, 1, 1);
  await other.app.listen({ port: 0, host: '127.0.0.1' });
  const before = port;
  port = (other.app.server.address() as AddressInfo).port;
  const closing: Promise<void>[] = [];
  const reading = await read(run, { onLine: () => closing.push(other.close()) });
  port = before;
  await Promise.all(closing);
  expect(reading).toMatchObject({ lines: [{ id: '1' }], ended: false });
});
