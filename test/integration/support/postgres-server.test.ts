import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { expect, test } from 'vitest';
import { reachable } from '#test/support/postgres-binaries.ts';
import { startPostgres } from '#test/support/postgres-server.ts';

const isRoot = process.getuid?.() === 0;

async function answer(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test.skipIf(!isRoot)('another user of the machine cannot reach the socket', async () => {
  const server = await startPostgres({ durable: false });
  const socket = path.join(server.directory, '.s.PGSQL.5432');
  const sees = (identity: object): number | null => spawnSync('test', ['-S', socket], identity).status;
  expect(sees({ uid: 54_321, gid: 54_321 })).toBe(1);
  expect(sees({})).toBe(0);
  expect(await answer(server.url('postgres'), 'select 1 as one')).toEqual([{ one: 1 }]);
  await server.stop();
});

test('the server ends when its starter is killed, and the next start finds the data', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'countersign-pgtest-'));
  const launcher = pathToFileURL(path.resolve(import.meta.dirname, '../../support/postgres-server.ts')).href;
  const script = `const { startPostgres } = await import('${launcher}');
    const server = await startPostgres({ durable: true, directory: '${directory}' });
    console.log(server.url('postgres'));
    setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(starter.stdout), 'line')) as [string];
  await answer(url, 'create table kept (a int)');
  const pid = Number(readFileSync(path.join(directory, 'data/postmaster.pid'), 'utf8').split('\n')[0]);

  starter.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);

  const again = await startPostgres({ durable: true, directory });
  expect(await answer(again.url('postgres'), 'select * from kept')).toEqual([]);
  await again.stop();
  rmSync(directory, { recursive: true });
});

test('a second start on the same folder takes over from the first', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'countersign-pgtest-'));
  const first = await startPostgres({ durable: true, directory });
  await answer(first.url('postgres'), 'create table kept (a int)');
  const second = await startPostgres({ durable: true, directory });
  expect(await answer(second.url('postgres'), 'select * from kept')).toEqual([]);
  await first.stop();
  await second.stop();
  rmSync(directory, { recursive: true });
});

test('a path that is too long for a socket is refused with the reason', async () => {
  const directory = path.join(tmpdir(), 'x'.repeat(100));
  await expect(startPostgres({ durable: false, directory })).rejects.toThrow(
    'too long for a PostgreSQL socket',
  );
  rmSync(directory, { recursive: true });
});

test('a folder that others may not enter is seen as out of reach', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-reach-'));
  chmodSync(folder, 0o711);
  expect(reachable(folder, 54_321)).toBe(true);
  chmodSync(folder, 0o700);
  expect(reachable(folder, 54_321)).toBe(false);
  rmSync(folder, { recursive: true });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
