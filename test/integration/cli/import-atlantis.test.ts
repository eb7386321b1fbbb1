import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const SAMPLE = join(ROOT, 'test/unit/config/atlantis/samples/tfvars-by-workspace');
const dir = mkdtempSync(join(tmpdir(), 'countersign-import-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('import-atlantis writes both files, tells what is different, writes nothing over, and config check takes the result', async () => {
  const run = (...args: string[]) =>
    execa(process.execPath, [join(ROOT, 'src/cli.ts'), ...args], { cwd: dir, reject: false });
  const sample = (name: string) => readFileSync(join(SAMPLE, name), 'utf8');
  cpSync(join(SAMPLE, 'atlantis.yaml'), join(dir, 'atlantis.yaml'));
  for (const folder of ['apps/web', 'apps/jobs']) {
    mkdirSync(join(dir, folder, 'env'), { recursive: true });
    writeFileSync(join(dir, folder, 'main.tf'), 'resource "terraform_data" "one" {}\n');
  }
  writeFileSync(join(dir, 'apps/web/env/staging.tfvars'), '');
  await execa('git', ['init', '--quiet'], { cwd: dir });

  const first = await run('import-atlantis');
  expect(first.stdout).toBe(
    `${sample('remarks.txt')}wrote countersign.yaml\nwrote countersign.server.part.yaml`,
  );
  expect(first.exitCode).toBe(0);
  expect(readFileSync(join(dir, 'countersign.yaml'), 'utf8')).toBe(sample('countersign.yaml'));

  const check = await run('config', 'check');
  expect([check.stdout, check.exitCode]).toEqual(['in order: 3 projects', 0]);
  const again = await run('import-atlantis');
  expect(again.stdout).toContain('countersign.yaml is there already and stays as it is');
  expect(again.exitCode).toBe(1);
});
