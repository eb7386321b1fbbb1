import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importRules, ruleFor } from '../../../scripts/import-rules.ts';
import { importsOf, reachableFrom, readAliases, sourceFiles, violationsOf } from './import-graph.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const aliases = readAliases(root);
const files = sourceFiles(root);

describe('in this repository', () => {
  test('nobody imports what the design does not allow', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap((file) => importsOf(root, file, aliases)).length).toBeGreaterThan(files.length);
    expect(files.flatMap((file) => violationsOf(root, file, aliases))).toEqual([]);
  });

  test('every folder of the program has a rule', () => {
    const ruled = files.filter((file) => file.startsWith('src/') || file.startsWith('workers/'));
    expect(ruled.filter((file) => ruleFor(file) === undefined)).toEqual([]);
  });

  test('an SDK is at home in one folder', () => {
    const sdks = [
      '@gitbeaker/*',
      'jira.js',
      'bullmq',
      'ioredis',
      'luxon',
      'pg',
      'kysely',
      'fastify',
      'pino',
      'prom-client',
    ];
    const homes = sdks.map((sdk) =>
      importRules.filter(({ path: rule, may }) => !rule.startsWith('test/') && may.includes(sdk)),
    );
    expect(homes.map((rules) => rules.length)).toEqual(sdks.map(() => 1));
  });

  test('the doubles reach no file of the program, not even through the test support', () => {
    const doubles = files.filter((file) => file.startsWith('test/sandbox/'));
    const reached = [...reachableFrom(root, doubles, aliases)];
    expect(reached.length).toBeGreaterThanOrEqual(doubles.length);
    expect(reached.filter((file) => file.startsWith('src/') || file.startsWith('workers/'))).toEqual([]);
  });

  test('the domain asks no clock', () => {
    const asking = files
      .filter((file) => file.startsWith('src/domain/'))
      .filter((file) =>
        /\bnew Date\(\s*\)|(?<!new )\bDate\(\)/.test(readFileSync(path.join(root, file), 'utf8')),
      );
    expect(asking).toEqual([]);
  });
});

describe('in a planted tree', () => {
  let planted: string;

  beforeAll(() => {
    planted = mkdtempSync(path.join(tmpdir(), 'countersign-planted-'));
    for (const folder of [
      'src/domain/plan',
      'src/store',
      'src/adapters/jira',
      'src/adapters/gitlab',
      'workers',
      'test',
    ]) {
      mkdirSync(path.join(planted, folder), { recursive: true });
    }
    writeFileSync(path.join(planted, 'src/store/rows.ts'), 'export const rows = 1;\n');
    writeFileSync(
      path.join(planted, 'src/adapters/jira/client.ts'),
      `import { JiraClient } from 'jira.js';\n`,
    );
    writeFileSync(path.join(planted, 'workers/jobs.ts'), '');
  });

  afterAll(() => rmSync(planted, { recursive: true }));

  const violations = (file: string, text: string): string[] => {
    writeFileSync(path.join(planted, file), text);
    return violationsOf(planted, file, aliases);
  };

  test.each([
    ['a package', `import pg from 'pg';`],
    ['an alias', `import { rows } from '#store/rows.ts';`],
    ['the alias of all of src', `import { rows } from '#src/store/rows.ts';`],
    ['a type only', `import type { rows } from '#store/rows.ts';`],
    ['a type in place', `type Rows = import('#store/rows.ts').rows;`],
    ['a re-export', `export * from '#store/rows.ts';`],
    ['several lines', `import {\n  rows,\n} from\n  '#store/rows.ts';`],
    ['a side effect', `import '#store/rows.ts';`],
    ['a dynamic import', `const load = () => import('#store/rows.ts');`],
    ['a relative path', `import { rows } from '../../store/rows.ts';`],
    ['the clock of node:perf_hooks', `import { performance } from 'node:perf_hooks';`],
  ])('a forbidden import is found as %s', (_form, text) => {
    expect(violations('src/domain/plan/digest.ts', `export const before = 1;\n${text}\n`)).toHaveLength(1);
  });

  test('a comment and a string that look like an import are none', () => {
    const text = `// import pg from 'pg';\n/*\nimport pg from 'pg';\n*/\nexport const url = 'https://x'; // from 'pg'\n`;
    expect(violations('src/domain/plan/digest.ts', text)).toEqual([]);
  });

  test('an adapter may not import another, nor its SDK; a worker no SDK; nothing in src a worker', () => {
    const gitlab = `import { x } from '#adapters/jira/client.ts';\nimport 'jira.js/core';\nimport '@gitbeaker/rest';\n`;
    expect(violations('src/adapters/gitlab/notes.ts', gitlab)).toEqual([
      expect.stringContaining('src/adapters/gitlab/notes.ts:1: imports #adapters/jira/client.ts'),
      expect.stringContaining('src/adapters/gitlab/notes.ts:2: imports jira.js/core'),
    ]);
    expect(violations('workers/run-plan.ts', `import { execa } from 'execa';\n`)).toHaveLength(1);
    expect(violations('src/compose.ts', `import '#workers/jobs.ts';\n`)).toHaveLength(1);
  });

  test('a double that reaches the program through a helper is found', () => {
    mkdirSync(path.join(planted, 'test/sandbox'), { recursive: true });
    writeFileSync(path.join(planted, 'test/helper.ts'), `export { rows } from '#store/rows.ts';\n`);
    writeFileSync(path.join(planted, 'test/sandbox/double.ts'), `import { rows } from '../helper.ts';\n`);
    const reached = reachableFrom(planted, ['test/sandbox/double.ts'], aliases);
    expect([...reached]).toEqual(['test/sandbox/double.ts', 'test/helper.ts', 'src/store/rows.ts']);
  });
});
