import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const SAMPLE = join(ROOT, 'test/unit/config/atlantis/samples/own-workflow');
const dir = mkdtempSync(join(tmpdir(), 'countersign-import-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('import-atlantis writes both files, tells line by line what is different, and writes nothing over', async () => {
  cpSync(join(SAMPLE, 'atlantis.yaml'), join(dir, 'atlantis.yaml'));
  const run = () =>
    execa(process.execPath, [join(ROOT, 'src/cli.ts'), 'import-atlantis'], { cwd: dir, reject: false });
  const sample = (name: string) => readFileSync(join(SAMPLE, name), 'utf8');

  const first = await run();
  expect(first.stdout).toBe(
    `${sample('remarks.txt')}wrote countersign.yaml\nwrote countersign.server.part.yaml`,
  );
  expect(first.exitCode).toBe(0);
  expect(readFileSync(join(dir, 'countersign.yaml'), 'utf8')).toBe(sample('countersign.yaml'));

  const again = await run();
  expect(again.stdout).toContain('countersign.yaml is there already and stays as it is');
  expect(again.exitCode).toBe(1);
});
