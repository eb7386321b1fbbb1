import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { call } from './gitlab-scene.ts';

const MAIN = path.resolve(import.meta.dirname, '../sandbox/gitlab/main.ts');

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'gitlab-process-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function start(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, '--dir', dir, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: String((JSON.parse(line.toString('utf8')) as { url: string }).url) };
}

describe('the GitLab double as a process', () => {
  test('says where it listens, answers, and ends on SIGTERM', async () => {
    const { child, url } = await start('--version', '18.6');
    expect((await call(`${url}/sandbox/health`, 'GET')).body).toEqual({ version: '18.6', url });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('ends when the one who started it is gone', async () => {
    const { child } = await start();
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('refuses a version it does not know', async () => {
    const child = spawn(process.execPath, [MAIN, '--dir', dir, '--version', '1.0'], { stdio: 'ignore' });
    expect(await once(child, 'exit')).toEqual([2, null]);
  });
});
