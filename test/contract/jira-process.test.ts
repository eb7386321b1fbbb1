import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';

const main = new URL('../sandbox/jira/main.ts', import.meta.url).pathname;

async function firstLine(child: ChildProcess): Promise<{ url: string; pid?: number }> {
  if (child.stdout === null) throw new Error('The child has no standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    return JSON.parse(line) as { url: string; pid?: number };
  }
  throw new Error('The child ended without a line');
}

describe('the JIRA double as a process', () => {
  it('says where it listens and ends on SIGTERM', async () => {
    const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
    const { url } = await firstLine(child);
    const ended = once(child, 'exit');
    expect((await fetch(`${url}/rest/api/3/serverInfo`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('ends when its parent is gone', async () => {
    // The parent in the middle starts the double, hands its output through and is killed without a chance to clean up.
    const script = `require('node:child_process').spawn(process.execPath, [${JSON.stringify(main)}], { stdio: 'inherit' })`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const { stdout } = parent;
    const { url } = await firstLine(parent);
    expect((await fetch(`${url}/rest/api/3/serverInfo`)).status).toBe(200);
    const closed = once(stdout, 'close');
    parent.kill('SIGKILL');
    // The pipe closes only when the last process that writes to it, the double, has ended.
    await closed;
    await expect(fetch(`${url}/rest/api/3/serverInfo`)).rejects.toThrow('fetch failed');
  });
});
