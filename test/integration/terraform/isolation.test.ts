import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { detectIsolation, isolate } from '#adapters/terraform/isolation.ts';
import type { Isolation } from '#app/ports/terraform.ts';
import { canonicalText } from '#domain/plan/json.ts';
import { redactPlan } from '#domain/plan/redact.ts';
import { plan, planRequest, planned, startBench } from './bench.ts';
import type { Bench } from './bench.ts';

const canary = 'c4n4ry-of-the-service';
const uids = { first: 63_000, count: 20 };
const isRoot = process.getuid?.() === 0;

let bench: Bench;
let keyFile: string;
const neighbours: ChildProcess[] = [];

/** A process with a secret in its environment, as the service is, or another run. */
function neighbour(uid: number | undefined): Promise<void> {
  const child = spawn('/bin/sh', ['-c', 'echo up; exec sleep 300'], {
    env: { CANARY: canary },
    stdio: ['ignore', 'pipe', 'ignore'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  neighbours.push(child);
  return new Promise((resolve) => child.stdout?.once('data', () => resolve()));
}

/** A process that ends while terraform walks past it fails the walk, not the spy: it is tried a few times. */
function walk(name: string): string {
  return `try(${Array.from({ length: 5 }, () => `fileset("/proc", "*/${name}")`).join(', ')})`;
}

/** Reads every environment and argument list it can, and the key file. */
function spy(): string {
  return `
    locals {
      files = setunion(${walk('environ')}, ${walk('cmdline')})
      seen  = [for f in local.files : f if strcontains(try(file("/proc/\${f}"), ""), "${canary}")]
    }
    output "seen" { value = length(local.seen) }
    output "looked" { value = length(local.files) }
    output "key" { value = try(file("${keyFile}"), "nothing") }`;
}

async function spied(isolation: Isolation): Promise<{ seen: number; looked: number; key: unknown }> {
  const { plan: made } = await planned(
    bench.worker({ isolation, uids: { first: 63_100, count: 20 } }),
    planRequest({ 'main.tf': spy() }),
  );
  const shown = (name: string) => redactPlan(made).outputs.find((output) => output.name === name)?.after;
  return { seen: Number(shown('seen')), looked: Number(shown('looked')), key: shown('key') };
}

beforeAll(async () => {
  bench = await startBench();
  const folder = join(bench.base, 'keys');
  await mkdir(folder);
  keyFile = join(folder, 'service.key');
  await writeFile(keyFile, canary, { mode: 0o600 });
  await neighbour(undefined);
  if (isRoot) await neighbour(uids.first + 5);
});

afterAll(async () => {
  for (const each of neighbours) each.kill('SIGKILL');
  await bench.close();
});

const modes: Isolation[] = isRoot ? ['uid', 'bubblewrap', 'uid+bubblewrap'] : ['bubblewrap'];
const sandboxed: Isolation = isRoot ? 'uid+bubblewrap' : 'bubblewrap';

describe('code in a merge request', () => {
  test('without isolation sees the secrets of the service: this is what the rest is about', async () => {
    const { seen, key } = await spied('none');
    expect(seen).toBe(neighbours.length);
    expect(key).toBe(canary);
  });

  test.each(modes)('sees nothing of the service nor of other runs: %s', async (isolation) => {
    const { seen, key, looked } = await spied(isolation);
    // It did look, at least at itself.
    expect(looked).toBeGreaterThan(0);
    expect(seen).toBe(0);
    expect(key).toBe('nothing');
  });

  test('in bubblewrap finds no files of the machine but programs and its own', async () => {
    const files = {
      'main.tf': `output "found" { value = [for f in ["${keyFile}", "/root/.bashrc", "/etc/shadow", "/var/lib/dpkg/status"] : f if fileexists(f)] }`,
    };
    const { outcome } = await plan(bench.worker({ isolation: sandboxed }), planRequest(files));
    expect(outcome).toMatchObject({ kind: 'planned', plan: { output_changes: { found: { after: [] } } } });
  });

  test.runIf(isRoot)('runs as a user of its own, and two runs at once as two', async () => {
    const request = (key: string) =>
      planRequest({ 'main.tf': 'output "status" { value = file("/proc/self/status") }' }, { folderKey: key });
    const worker = bench.worker({ isolation: 'uid', uids });
    const made = await Promise.all([planned(worker, request('a')), planned(worker, request('b'))]);
    const found = made.map(({ plan: each }) => /Uid:\\t(\d+)/u.exec(canonicalText(each))?.[1]);
    expect(new Set(found).size).toBe(2);
    expect(found.every((uid) => Number(uid) >= uids.first && Number(uid) < uids.first + uids.count)).toBe(
      true,
    );
    // Somebody runs as this one already.
    expect(found).not.toContain(String(uids.first + 5));
  });

  test.runIf(isRoot)('is told to wait when all users are taken', async () => {
    const taken = { first: uids.first + 5, count: 1 };
    const running = plan(bench.worker({ isolation: 'uid', uids: taken }), planRequest({ 'main.tf': '' }));
    await expect(running).rejects.toMatchObject({ code: 'no-user-left', retryable: true });
  });
});

describe('bubblewrap', () => {
  test('shows its inside neither our environment nor a secret in its arguments', async () => {
    process.env['COUNTERSIGN_TEST_CANARY'] = canary;
    const command = await isolate(
      {
        file: '/usr/bin/cat',
        argv: ['/proc/1/environ', '/proc/1/cmdline'],
        cwd: '/',
        env: { TOKEN: 'of-the-run' },
        uid: undefined,
        gid: undefined,
      },
      {
        isolation: 'bubblewrap',
        folder: '/usr',
        paths: { readable: [], writable: [] },
        diesWithParent: true,
      },
    );
    const child = spawn(command.file, [...command.argv], { env: { ...command.env, PATH: '/usr/bin:/bin' } });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => child.once('close', resolve));
    delete process.env['COUNTERSIGN_TEST_CANARY'];
    const seen = Buffer.concat(chunks).toString('utf8');
    expect(seen).toContain('bwrap');
    expect(seen).not.toContain(canary);
    expect(command.argv.join(' ')).not.toContain('of-the-run');
  });

  test('is found out by trying, with and without root', async () => {
    const found = await detectIsolation(uids);
    expect(found).toMatch(isRoot ? /^uid/u : /^(?:bubblewrap|none)$/u);
  });
});
