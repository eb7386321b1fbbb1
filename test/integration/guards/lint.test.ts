import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/*
 * The linter is run for real, with our configuration, on a small tree into which violations are planted: a rule that
 * was renamed, switched off or matches no file would otherwise pass in silence.
 */

const root = path.resolve(import.meta.dirname, '../../..');
let planted: string;
let findings: string[];

const files = {
  'src/domain/clean.ts': `import { createHash } from 'node:crypto';\nexport const hash = createHash;\n`,
  'src/domain/imports-store.ts': `export { rows } from '#store/rows.ts';\n`,
  'src/domain/imports-package.ts': `import pg from 'pg';\nexport const client = pg;\n`,
  'src/domain/asks-clock.ts': `export const now = (): number => Date.now();\n`,
  'src/domain/rolls-dice.ts': `import { randomUUID } from 'node:crypto';\nexport const id = randomUUID;\n`,
  'src/domain/non-exhaustive.ts': `type Answer = 'yes' | 'no';\nexport function weigh(answer: Answer): number {\n  switch (answer) {\n    case 'yes':\n      return 1;\n  }\n  return 0;\n}\n`,
  'src/domain/hidden-by-default.ts': `type Answer = 'yes' | 'no';\nexport function weigh(answer: Answer): number {\n  switch (answer) {\n    case 'yes':\n      return 1;\n    default:\n      return 0;\n  }\n}\n`,
  'src/store/rows.ts': `export const rows = 1;\n`,
  'src/store/floats.ts': `const save = async (): Promise<void> => undefined;\nexport function forget(): void {\n  save();\n}\n`,
  'src/store/reads-env.ts': `export const home = process.env['HOME'];\n`,
  'src/store/starts-process.ts': `export { spawn } from 'node:child_process';\n`,
  'src/adapters/gitlab/imports-jira.ts': `export { createClient } from 'jira.js';\n`,
  'src/web/cycle-a.ts': `import { b } from './cycle-b.ts';\nexport const a = (): number => b();\n`,
  'src/web/cycle-b.ts': `import { a } from './cycle-a.ts';\nexport const b = (): number => a();\n`,
  'src/config.ts': `export const home = process.env['HOME'];\n`,
  'test/unit/only.test.ts': `import { test, expect } from 'vitest';\ntest.only('one', () => {\n  expect(1).toBe(1);\n});\n`,
};

beforeAll(() => {
  planted = mkdtempSync(path.join(tmpdir(), 'countersign-lint-'));
  for (const file of ['package.json', 'tsconfig.json', 'oxlint.config.ts', 'scripts/import-rules.ts']) {
    cpSync(path.join(root, file), path.join(planted, file));
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(planted, 'node_modules'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(planted, file)), { recursive: true });
    writeFileSync(path.join(planted, file), text);
  }
  const oxlint = path.join(root, 'node_modules/oxlint/bin/oxlint');
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format=unix', 'src', 'test'], {
    cwd: planted,
    encoding: 'utf8',
  });
  findings = stdout.split('\n');
}, 30_000);

afterAll(() => rmSync(planted, { recursive: true }));

const rulesBrokenIn = (file: string): string[] =>
  findings
    .filter((line) => line.startsWith(`${file}:`))
    .map((line) => /\(([\w-]+)\)\]$/.exec(line)?.[1] ?? line);

test.each([
  ['src/domain/imports-store.ts', 'no-restricted-imports'],
  ['src/domain/imports-package.ts', 'no-restricted-imports'],
  ['src/domain/asks-clock.ts', 'no-restricted-properties'],
  ['src/domain/rolls-dice.ts', 'no-restricted-imports'],
  ['src/domain/non-exhaustive.ts', 'switch-exhaustiveness-check'],
  ['src/domain/hidden-by-default.ts', 'switch-exhaustiveness-check'],
  ['src/store/floats.ts', 'no-floating-promises'],
  ['src/store/reads-env.ts', 'no-restricted-properties'],
  ['src/store/starts-process.ts', 'no-restricted-imports'],
  ['src/adapters/gitlab/imports-jira.ts', 'no-restricted-imports'],
  ['src/web/cycle-a.ts', 'no-cycle'],
  ['test/unit/only.test.ts', 'no-focused-tests'],
])('the linter refuses %s by %s', (file, rule) => {
  expect(rulesBrokenIn(file)).toEqual([rule]);
});

test.each(['src/domain/clean.ts', 'src/store/rows.ts', 'src/config.ts'])(
  'the linter lets %s pass',
  (file) => {
    expect(rulesBrokenIn(file)).toEqual([]);
  },
);
