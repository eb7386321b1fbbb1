import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-setup-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

interface Ending {
  readonly code: number;
  readonly output: string;
}

function run(script: string, args: string[], env: NodeJS.ProcessEnv): Promise<Ending> {
  return new Promise((resolve) => {
    execFile(process.execPath, [path.join(root, script), ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    );
  });
}

describe('the set-up before the demo and the tests', () => {
  test('names every missing program at once, with what to type next', async () => {
    const { code, output } = await run('scripts/setup.mjs', [], { PATH: folder });
    expect(code).toBe(1);
    expect(output).toContain('No git on PATH. Install it (Debian: apt install git)');
    expect(output).toContain('No terraform or tofu on PATH (1.5 or newer is needed)');
  });

  test('refuses a terraform that is too old, and takes OpenTofu instead', async () => {
    program('git', 'exit 0');
    program('terraform', `echo '{"terraform_version":"1.4.7"}'`);
    const old = await run('scripts/setup.mjs', [], { PATH: folder });
    expect(old).toEqual({
      code: 1,
      output: expect.stringContaining('terraform is version 1.4.7; 1.5 or newer'),
    });

    program('tofu', `echo '{"terraform_version":"1.10.0"}'`);
    symlinkSync(process.execPath, path.join(folder, 'node'));
    expect(await run('scripts/setup.mjs', [], { PATH: folder })).toEqual({ code: 0, output: '' });
  });

  test('says so when COUNTERSIGN_TERRAFORM leads nowhere', async () => {
    const env = { PATH: process.env['PATH'], COUNTERSIGN_TERRAFORM: path.join(folder, 'terraform') };
    const { code, output } = await run('scripts/setup.mjs', [], env);
    expect(code).toBe(1);
    expect(output).toContain(`COUNTERSIGN_TERRAFORM is set to ${folder}/terraform, which does not answer`);
  });
});

describe('the check of the lock file', () => {
  test('passes on the lock of this repository', async () => {
    expect(await run('scripts/lockcheck.mjs', [], {})).toEqual({
      code: 0,
      output: expect.stringMatching(/^\d{3,} lock entries checked, 0 problems\n$/),
    });
  });

  test('finds a platform package that is missing and an entry tied to a registry', async () => {
    const lock = path.join(folder, 'package-lock.json');
    const packages = {
      '': { optionalDependencies: { nested: '1.0.0' } },
      'node_modules/nested': { version: '1.0.0', resolved: 'https://registry.example/nested-1.0.0.tgz' },
      'node_modules/tool': {
        version: '2.0.0',
        optionalDependencies: { '@tool/linux': '2.0.0', '@tool/mac': '2.0.0' },
      },
      'node_modules/tool/node_modules/@tool/linux': { version: '2.0.0' },
    };
    writeFileSync(lock, JSON.stringify({ packages }));
    const { code, output } = await run('scripts/lockcheck.mjs', [lock], {});
    expect(code).toBe(1);
    expect(output).toContain('package-lock.json lacks @tool/mac (needed by tool 2.0.0): npm ci will fail.');
    expect(output).toContain('node_modules/nested is tied to registry.example.');
    expect(output).toContain('2 problems');
  });
});

function program(name: string, body: string): void {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}
