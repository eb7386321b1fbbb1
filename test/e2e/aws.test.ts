import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MAIN = resolve(import.meta.dirname, '../sandbox/demo/main.ts');

// docs/demo.md says how to get both. A plan with the AWS provider takes seconds, so once is enough.
const missing = [
  ...(process.env['COUNTERSIGN_TF_PLUGINS'] ? [] : ['COUNTERSIGN_TF_PLUGINS is not set']),
  ...(canRun(process.env['COUNTERSIGN_MOTO'] ?? 'moto_server') ? [] : ['there is no moto_server']),
];

test.skipIf(missing.length > 0)(
  `AWS resources with state in S3: approved, applied, tagged, proved${missing.length > 0 ? ` (skipped: ${missing.join(', ')})` : ''}`,
  async () => {
    const parent = await mkdtemp(join(tmpdir(), 'cs-aws-'));
    await chmod(parent, 0o711);
    const args = [MAIN, '--once', '--aws', '--patience', '240', '--dir', join(parent, 'demo')];
    const { DATABASE_URL: _, REDIS_URL: __, ...env } = process.env;
    try {
      const { stdout } = await promisify(execFile)(process.execPath, args, { env });
      expect(stdout).toContain('aws_vpc.main: CHG-1');
      expect(stdout).toContain('s3://terraform-state/fin/prod/network.tfstate');
      expect(stdout).toContain('Everything came out as it must');
    } finally {
      await rm(parent, { recursive: true, force: true });
    }
  },
  600_000,
);

function canRun(program: string): boolean {
  try {
    execFileSync(program, ['--help'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
