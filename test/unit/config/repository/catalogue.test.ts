import { afterAll, expect, test } from 'vitest';
import type { RootModule } from '#app/ports/source.ts';
import { Fault } from '#domain/fault.ts';
import { createCatalogue } from '#src/compose-catalogue.ts';
import { exampleFolder } from '../example.ts';
import { root } from './repository.ts';

const example = exampleFolder();
const { config } = example.load();
afterAll(() => example.remove());

/** A commit as a fake git has it: its files, and the root modules of its tree. */
interface Commit {
  files: Record<string, string>;
  roots: readonly RootModule[];
}

function catalogueOf(commits: Record<string, Commit>) {
  const read: string[] = [];
  const at = (sha: string) => commits[sha] ?? { files: {}, roots: [] };
  const catalogue = createCatalogue({
    config,
    checks: { ruleIds: ['no-destroy'], problemsOf: () => [] },
    tiers: { names: ['normal'], ruleIds: [], problemsOf: () => [] },
    rootModules: { listRoots: async (_, sha) => [...at(sha).roots] },
    source: {
      readFile: async (_, sha, path) => {
        read.push(`${sha} ${path}`);
        const text = at(sha).files[path];
        if (text === 'too large') throw new Fault('file-too-large', 'it is too large', { retryable: false });
        return text;
      },
      listFiles: async (_, sha, dir) =>
        Object.keys(at(sha).files).filter((path) => path.startsWith(`${dir}/`)),
      pathIds: async (_, sha, paths) =>
        paths.map((path) => {
          const fitting = Object.entries(at(sha).files).filter(([file]) => file.startsWith(path));
          return { path, id: fitting.length === 0 ? undefined : JSON.stringify(fitting) };
        }),
    },
  });
  const ask = (targetSha: string, headSha: string) =>
    catalogue.read({ repository: 101, targetBranch: 'main', targetSha, headSha });
  return { catalogue, ask, read };
}

const roots = [root('fin/prod/app'), root('fin/prod/network')];
const file = (text: string) => ({ 'countersign.yaml': text });
const WAITS = `version: 1
autodiscover: { mode: enabled }
projects:
  - { dir: fin/prod/app, dependsOn: [fin/prod/network] }
`;

test('the target’s files govern, and what is wrong in the head’s own is a warning', async () => {
  const { ask } = catalogueOf({
    target: { files: file(WAITS), roots },
    head: {
      files: { ...file('version: 1\nprojekts: []\n'), 'policies/a.yaml': 'rules: [{ id: a }]\n' },
      roots,
    },
  });
  const reading = await ask('target', 'head');
  if (!reading.ok) throw new Error('it governs');
  expect(reading.catalogue.projects.map(({ target, settings }) => [target.key, settings.dependsOn])).toEqual([
    ['fin/prod/app', ['fin/prod/network']],
    ['fin/prod/network', []],
  ]);
  expect(reading.catalogue.warnings.map(({ place }) => place)).toEqual([
    'countersign.yaml:2:1',
    'policies/a.yaml:1:9',
    'policies/a.yaml:1:9',
  ]);
  expect(reading.catalogue.warnings[0]?.what).toMatch(
    /did you mean projects\? \(in this merge request's version/,
  );
});

test('what is wrong in the target’s files is wrong for everybody, also when a file is too large', async () => {
  const { ask } = catalogueOf({
    broken: { files: { ...file('version: 2\n'), 'policies/a.yaml': 'rules: 1\n' }, roots },
    large: { files: file('too large'), roots },
    rules: {
      files: { 'policies/a.yaml': 'rules: [{ id: no-destroy, when: "true", message: no }]\n' },
      roots,
    },
    head: { files: {}, roots },
  });
  const places = async (sha: string) => {
    const reading = await ask(sha, 'head');
    return reading.ok ? 'ok' : reading.problems.map(({ place }) => place);
  };
  expect(await places('broken')).toEqual(['countersign.yaml:1:1', 'policies/a.yaml:1:1']);
  expect(await places('large')).toEqual(['countersign.yaml:1:1']);
  expect(await places('rules')).toEqual(['policies/a.yaml:1:11']);
});

test('a merge request may take away what another project waits for; a name that nobody has is a mistake', async () => {
  const { ask } = catalogueOf({
    target: { files: file(WAITS), roots },
    misspelt: { files: file(WAITS.replace('[fin/prod/network]', '[fin/prod/netwrk]')), roots },
    head: { files: file(WAITS), roots: [root('fin/prod/app')] },
  });
  expect(await ask('target', 'head')).toMatchObject({
    ok: true,
    catalogue: {
      warnings: [
        {
          place: 'countersign.yaml:4:26',
          what: 'dependsOn: this merge request takes fin/prod/network away',
        },
      ],
    },
  });
  expect(await ask('misspelt', 'head')).toMatchObject({
    ok: false,
    problems: [{ place: 'countersign.yaml:4:26' }],
  });
});

test('what is configured decides the hash; which files make it planned, and other projects, do not', async () => {
  const hashOf = async (text: string, key = 'fin/prod/network') => {
    const { ask } = catalogueOf({ target: { files: file(text), roots }, head: { files: {}, roots } });
    const reading = await ask('target', 'head');
    if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
    return reading.catalogue.projects.find(({ target }) => target.key === key)?.settingsHash;
  };
  const layer = (says: string) => `version: 1\ndefaults: [{ match: fin/prod/network, ${says} }]\n`;
  const plain = await hashOf('version: 1\n');
  expect(await hashOf(layer('whenModified: ["*.tf"], autoplan: false'))).toBe(plain);
  expect(await hashOf(layer('orderGroup: 3'))).not.toBe(plain);
  expect(await hashOf(layer('varFiles: [a.tfvars]'))).not.toBe(plain);
  expect(await hashOf(layer('orderGroup: 3'), 'fin/prod/app')).toBe(
    await hashOf('version: 1\n', 'fin/prod/app'),
  );
});

test('commits are read once, and equal files govern alike', async () => {
  const { ask, read, catalogue } = catalogueOf({
    one: { files: file(WAITS), roots },
    two: { files: file(WAITS), roots },
    other: { files: { ...file(WAITS), 'policies/a.yaml': 'rules: []\n' }, roots },
  });
  await Promise.all([ask('one', 'two'), ask('one', 'two')]);
  expect(read).toEqual(['one countersign.yaml']);
  expect(await catalogue.governsAlike(101, 'one', 'two')).toBe(true);
  expect(await catalogue.governsAlike(101, 'one', 'other')).toBe(false);
});
