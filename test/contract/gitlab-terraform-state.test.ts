import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { record, records, type Scene, setScene } from './gitlab-scene.ts';

// The calls are those of Terraform's `http` backend, and where there is a terraform, it makes them itself.

let scene: Scene;

beforeEach(async () => {
  scene = await setScene();
});
afterEach(() => scene.close());

const LOCK = {
  ID: '6a4b1f0c-0000-4000-8000-000000000001',
  Operation: 'OperationTypeApply',
  Info: '',
  Who: 'root@worker',
  Version: '1.11.0',
  Created: '2026-01-01T00:00:00Z',
  Path: '',
};

async function state(
  method: string,
  path = '',
  options: { body?: string; md5?: string; user?: string } = {},
) {
  const token = { mara: scene.maintainer, erin: scene.engineer }[options.user ?? 'mara'] ?? scene.stranger;
  const basic = Buffer.from(`${token.username}:${token.token}`).toString('base64');
  return fetch(`${scene.gitlab.url}/api/v4/projects/${scene.project}/terraform/state/prod${path}`, {
    method,
    headers: {
      authorization: `Basic ${basic}`,
      'content-type': 'application/json',
      ...(options.md5 === undefined ? {} : { 'content-md5': options.md5 }),
    },
    ...(options.body === undefined ? {} : { body: options.body }),
  });
}

const content = (serial: number) => JSON.stringify({ version: 4, serial, lineage: 'l', outputs: {} });

describe('Terraform state in the GitLab double', () => {
  test('is absent, then what was last written; earlier versions stay', async () => {
    expect((await state('GET')).status).toBe(404);
    for (const serial of [1, 2])
      expect((await state('POST', '', { body: content(serial) })).status).toBe(200);
    expect(await (await state('GET')).text()).toBe(content(2));
    expect(await (await state('GET', '/versions/1')).text()).toBe(content(1));
    const kept = record((await scene.sandbox('GET', `/projects/${scene.project}/states/prod`)).body);
    expect(records(kept['versions']).map((one) => one['serial'])).toEqual([1, 2]);
  });

  test('is read by Developers, written and locked by Maintainers, hidden from strangers', async () => {
    await state('POST', '', { body: content(1) });
    const statuses = async (user: string) => [
      (await state('GET', '', { user })).status,
      (await state('POST', '', { user, body: content(2) })).status,
      (await state('POST', '/lock', { user, body: JSON.stringify(LOCK) })).status,
    ];
    expect(await statuses('erin')).toEqual([200, 403, 403]);
    expect(await statuses('sam')).toEqual([404, 404, 404]);
    expect(await statuses('mara')).toEqual([200, 200, 200]);
  });

  test('that is locked tells who holds it, and takes writes from the holder alone', async () => {
    expect((await state('POST', '/lock', { body: JSON.stringify(LOCK) })).status).toBe(200);
    const second = await state('POST', '/lock', { body: JSON.stringify({ ...LOCK, ID: 'other' }) });
    expect(second.status).toBe(423);
    expect(await second.json()).toMatchObject({ ID: LOCK.ID, Operation: LOCK.Operation, Who: 'mara' });
    expect((await state('POST', '', { body: content(1) })).status).toBe(409);
    expect((await state('POST', '?ID=other', { body: content(1) })).status).toBe(409);
    expect((await state('POST', `?ID=${LOCK.ID}`, { body: content(1) })).status).toBe(200);
    expect((await state('DELETE', '/lock', { body: JSON.stringify({ ...LOCK, ID: 'other' }) })).status).toBe(
      409,
    );
    expect((await state('DELETE', '/lock', { body: JSON.stringify(LOCK) })).status).toBe(200);
    expect((await state('POST', '/lock', { body: JSON.stringify({ ...LOCK, ID: 'next' }) })).status).toBe(
      200,
    );
  });

  test('can be unlocked by force, and locked by somebody else for a test', async () => {
    await scene.sandbox('POST', `/projects/${scene.project}/states/prod/lock`, { Who: 'somebody' });
    expect((await state('POST', '/lock', { body: JSON.stringify(LOCK) })).status).toBe(423);
    expect((await state('DELETE', '/lock', {})).status).toBe(200);
    expect((await state('POST', '/lock', { body: JSON.stringify(LOCK) })).status).toBe(200);
  });

  test('is refused when the checksum sent with it is wrong, or on demand', async () => {
    const md5 = createHash('md5').update(content(1)).digest('base64');
    expect((await state('POST', '', { body: content(1), md5: 'AAAAAAAAAAAAAAAAAAAAAA==' })).status).toBe(400);
    expect((await state('POST', '', { body: content(1), md5 })).status).toBe(200);
    const path = '/terraform/state/[^/]+(\\?|$)';
    await scene.sandbox('POST', '/faults', { kind: 'status', status: 500, method: 'POST', path, count: 2 });
    expect((await state('POST', '/lock', { body: JSON.stringify(LOCK) })).status).toBe(200);
    expect((await state('POST', `?ID=${LOCK.ID}`, { body: content(2) })).status).toBe(500);
    expect(await (await state('GET')).text()).toBe(content(1));
  });
});

const terraform = ['terraform', 'tofu'].find((name) => {
  try {
    execFileSync(name, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

describe.skipIf(terraform === undefined)('a real terraform with its state in the GitLab double', () => {
  const BACKEND = 'terraform {\n  backend "http" {}\n}\nresource "terraform_data" "a" {\n  input = 1\n}\n';

  async function run(...args: string[]): Promise<{ ok: boolean; output: string }> {
    const address = `${scene.gitlab.url}/api/v4/projects/${scene.project}/terraform/state/prod`;
    const cwd = path.join(scene.dir, 'root');
    await mkdir(cwd, { recursive: true });
    await writeFile(path.join(cwd, 'main.tf'), BACKEND);
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: cwd,
      CHECKPOINT_DISABLE: '1',
      TF_HTTP_ADDRESS: address,
      TF_HTTP_LOCK_ADDRESS: `${address}/lock`,
      TF_HTTP_UNLOCK_ADDRESS: `${address}/lock`,
      TF_HTTP_LOCK_METHOD: 'POST',
      TF_HTTP_UNLOCK_METHOD: 'DELETE',
      TF_HTTP_USERNAME: scene.maintainer.username,
      TF_HTTP_PASSWORD: scene.maintainer.token,
      TF_HTTP_RETRY_MAX: '0',
    };
    try {
      const { stdout, stderr } = await promisify(execFile)(terraform ?? '', args, { cwd, env });
      return { ok: true, output: stdout + stderr };
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: unknown; stderr?: unknown };
      return { ok: false, output: `${String(stdout)}${String(stderr)}` };
    }
  }

  test('locks, writes and unlocks; stops at a lock that somebody else holds; frees it by force', async () => {
    expect(await run('init', '-input=false', '-no-color')).toMatchObject({ ok: true });
    expect(await run('apply', '-input=false', '-no-color', '-auto-approve')).toMatchObject({ ok: true });
    const kept = record((await scene.sandbox('GET', `/projects/${scene.project}/states/prod`)).body);
    expect([kept['lock'], records(kept['versions']).length > 0]).toEqual([null, true]);
    await scene.sandbox('POST', `/projects/${scene.project}/states/prod/lock`, {
      ID: 'held',
      Who: 'somebody',
    });
    const stopped = await run(
      'apply',
      '-input=false',
      '-no-color',
      '-auto-approve',
      '-replace=terraform_data.a',
    );
    expect(stopped.ok).toBe(false);
    expect(stopped.output).toMatch(/state lock|already locked/);
    expect(await run('force-unlock', '-force', 'held')).toMatchObject({ ok: true });
    expect(await run('plan', '-input=false', '-no-color')).toMatchObject({ ok: true });
  });

  test('keeps errored.tfstate when the upload is refused', async () => {
    await run('init', '-input=false', '-no-color');
    const path = '/terraform/state/[^/]+(\\?|$)';
    await scene.sandbox('POST', '/faults', { kind: 'status', status: 500, method: 'POST', path, count: 50 });
    const applied = await run('apply', '-input=false', '-no-color', '-auto-approve');
    expect(applied.ok).toBe(false);
    expect(applied.output).toContain('errored.tfstate');
  });
});
