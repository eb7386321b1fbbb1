import { execFileSync } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGitSource } from '#adapters/git/git-source.ts';
import { readSourceFacts } from '#adapters/terraform/source-facts.ts';
import type { RootModules, Source } from '#app/ports/source.ts';

let base: string;
let upstream: string;
let source: Source & RootModules;
let first: string;
let second: string;

function git(...args: string[]): string {
  return execFileSync(
    'git',
    ['-c', 'core.safecrlf=false', '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args],
    {
      cwd: upstream,
      encoding: 'utf8',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: base, GIT_CONFIG_NOSYSTEM: '1' },
    },
  ).trim();
}

async function commit(files: Record<string, string>, message: string): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(upstream, path)), { recursive: true });
    await writeFile(join(upstream, path), content);
  }
  git('add', '--all');
  git('commit', '--quiet', '--message', message);
  return git('rev-parse', 'HEAD');
}

function sourceAt(mirrors: string, url: string): Source & RootModules {
  return createGitSource({
    mirrors,
    protocols: ['file'],
    remote: async () => ({ url }),
    readFacts: readSourceFacts,
  });
}

async function emptyFolder(): Promise<string> {
  return mkdtemp(join(base, 'tree-'));
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'countersign-git-test-'));
  upstream = join(base, 'upstream');
  await mkdir(upstream);
  git('init', '--quiet', '--initial-branch', 'main');
  // GitLab allows fetching any reachable commit; a plain repository has to be told to.
  git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  first = await commit(
    {
      'fin/prod/network/main.tf': `
        variable "approval_id" {}
        module "vpc" {
          source = "../../../modules/vpc"
        }
        locals {
          endpoints = yamldecode(file("\${path.module}/../endpoints.yaml"))
          own       = file("\${path.module}/own.txt")
        }`,
      'fin/prod/network/own.txt': 'own',
      'fin/prod/endpoints.yaml': 'a: 1',
      'biz/dev/main.tf': 'resource "terraform_data" "x" {}',
      'biz/dev/computed.tf': 'locals { x = file(var.which) }',
      'modules/vpc/main.tf': 'module "inner" {\n  source = "./inner"\n}',
      'modules/vpc/inner/main.tf.json': '{"locals": {"a": "module"}}',
      'broken/main.tf': 'module "x" {\n  source = \n}',
    },
    'First',
  );
  second = await commit({ 'modules/vpc/main.tf': '# no inner\n', 'biz/dev/ä b.tf': '' }, 'Second');
  source = sourceAt(join(base, 'mirrors'), `file://${upstream}`);
  await source.fetch(7, [first, second]);
});

afterAll(async () => {
  await rm(base, { recursive: true, force: true });
});

describe('a mirror', () => {
  test('fetches commits by id, and asks nobody for those it has', async () => {
    const offline = sourceAt(join(base, 'mirrors'), 'file:///nowhere');
    await offline.fetch(7, [first, second]);
    await expect(offline.fetch(7, ['0'.repeat(40)])).rejects.toMatchObject({
      code: 'git-failed',
      retryable: true,
    });
  });

  test('says when the host does not have a commit', async () => {
    await expect(source.fetch(7, ['0'.repeat(40)])).rejects.toMatchObject({
      code: 'commit-missing',
      retryable: false,
    });
  });

  test('is fetched into by many at once', async () => {
    const sources = Array.from({ length: 4 }, () => sourceAt(join(base, 'shared'), `file://${upstream}`));
    await Promise.all(sources.map((each) => each.fetch(8, [first, second])));
    expect(await sourceAt(join(base, 'shared'), '').mergeBase(8, first, second)).toBe(first);
  });

  test('takes nothing for a commit id that is none', async () => {
    await expect(source.mergeBase(7, '--help', first)).rejects.toMatchObject({ code: 'not-a-commit' });
  });

  test('allows no transport but the configured ones', async () => {
    const strict = createGitSource({
      mirrors: join(base, 'strict'),
      remote: async () => ({ url: `file://${upstream}` }),
      readFacts: readSourceFacts,
    });
    await expect(strict.fetch(9, [first])).rejects.toThrow(/transport 'file' not allowed/u);
  });
});

describe('history', () => {
  test('shows what a branch changed since it left its base, not what the base did meanwhile', async () => {
    git('checkout', '--quiet', '-b', 'feature', first);
    const feature = await commit({ 'biz/dev/main.tf': '# changed' }, 'Feature');
    git('checkout', '--quiet', 'main');
    await source.fetch(7, [feature]);
    expect(await source.mergeBase(7, second, feature)).toBe(first);
    expect(await source.changedPaths(7, second, feature)).toEqual(['biz/dev/main.tf']);
    expect(await source.changedPaths(7, first, second)).toEqual(['biz/dev/ä b.tf', 'modules/vpc/main.tf']);
    expect(await source.commits(7, second, feature)).toEqual([
      {
        sha: feature,
        authorName: 'Ada',
        authorEmail: 'ada@example.com',
        committerName: 'Ada',
        committerEmail: 'ada@example.com',
        subject: 'Feature',
      },
    ]);
  });

  test('has no merge base for unrelated histories', async () => {
    git('checkout', '--quiet', '--orphan', 'other');
    const orphan = await commit({ 'x.txt': 'x' }, 'Orphan');
    git('checkout', '--quiet', 'main');
    await source.fetch(7, [orphan]);
    expect(await source.mergeBase(7, first, orphan)).toBeUndefined();
  });

  test('tells whether a commit is part of it; one that was never fetched is not', async () => {
    const contains = (head: string, commit: string) => source.contains(7, head, commit);
    expect(await Promise.all([contains(second, first), contains(second, second)])).toEqual([true, true]);
    expect(await Promise.all([contains(first, second), contains(second, 'd'.repeat(40))])).toEqual([
      false,
      false,
    ]);
    await expect(contains(second, '--help')).rejects.toMatchObject({ code: 'not-a-commit' });
  });

  test('reads a file of a commit, and tells when there is none', async () => {
    expect(await source.readFile(7, first, 'fin/prod/endpoints.yaml')).toBe('a: 1');
    expect(await source.readFile(7, first, 'fin/prod')).toBeUndefined();
    expect(await source.readFile(7, first, 'nope.yaml')).toBeUndefined();
    expect(await source.listFiles(7, first, 'fin/prod')).toContain('fin/prod/endpoints.yaml');
    expect(await source.listFiles(7, first, 'fin')).toEqual([]);
    expect(await source.listFiles(7, first, 'nope')).toEqual([]);
  });

  test('gives a path the same id as long as its content is the same', async () => {
    const paths = ['.', 'biz/dev', 'fin/prod/network', 'nope'];
    const [before, after] = await Promise.all([
      source.pathIds(7, first, paths),
      source.pathIds(7, second, paths),
    ]);
    const same = before.map(({ path, id }, index) => [path, id === after[index]?.id]);
    expect(Object.fromEntries(same)).toEqual({
      '.': false,
      'biz/dev': false,
      'fin/prod/network': true,
      nope: true,
    });
    expect(before.at(-1)).toEqual({ path: 'nope', id: undefined });
  });
});

describe('root modules', () => {
  test('are listed with their modules, what they read, and the ids of all of it', async () => {
    const roots = await source.listRoots(7, first);
    expect(roots.map(({ dir, calledByOthers }) => [dir, calledByOthers])).toEqual([
      ['biz/dev', false],
      ['broken', false],
      ['fin/prod/network', false],
      ['modules/vpc', true],
      ['modules/vpc/inner', true],
    ]);
    const network = roots.find(({ dir }) => dir === 'fin/prod/network');
    expect(network).toMatchObject({
      localModules: ['modules/vpc', 'modules/vpc/inner'],
      readsFiles: ['fin/prod/endpoints.yaml'],
      readsUnknownFiles: false,
      declaresApprovalId: true,
      problems: [],
    });
    expect(network?.inputs).toEqual(
      await source.pathIds(7, first, [
        'fin/prod/endpoints.yaml',
        'fin/prod/network',
        'modules/vpc',
        'modules/vpc/inner',
      ]),
    );
    expect(network?.inputs.every(({ id }) => /^[0-9a-f]{40}$/u.test(id ?? ''))).toBe(true);
  });

  test('that compute what they read say so', async () => {
    const roots = await source.listRoots(7, first);
    expect(roots.find(({ dir }) => dir === 'biz/dev')?.readsUnknownFiles).toBe(true);
  });

  test('that do not parse are listed with the place', async () => {
    const roots = await source.listRoots(7, first);
    const broken = roots.find(({ dir }) => dir === 'broken');
    expect(broken?.problems).toEqual([
      { file: 'broken/main.tf', line: 2, message: expect.stringContaining('Invalid expression') },
    ]);
  });

  test('follow what the commit says, not what an earlier one said', async () => {
    const roots = await source.listRoots(7, second);
    expect(roots.find(({ dir }) => dir === 'fin/prod/network')?.localModules).toEqual(['modules/vpc']);
  });
});

describe('a work tree', () => {
  test('holds the asked folders only', async () => {
    const target = await emptyFolder();
    await source.materialize(7, first, ['biz/dev', 'modules/vpc'], target);
    expect(await readdir(target)).toEqual(['biz', 'modules']);
    expect(await readdir(join(target, 'modules/vpc/inner'))).toEqual(['main.tf.json']);
  });

  test('holds everything for the root', async () => {
    const target = await emptyFolder();
    await source.materialize(7, second, ['.'], target);
    expect((await readdir(target)).sort()).toEqual(['biz', 'broken', 'fin', 'modules']);
  });

  test('has the bytes that were committed, whatever its attributes ask for', async () => {
    const content = 'line\n$Id$ $Format:%H$\n';
    const sha = await commit(
      {
        'attr/.gitattributes': '* text eol=crlf ident export-subst\nhidden.tf export-ignore\n',
        'attr/main.tf': content,
        'attr/hidden.tf': '# hidden\n',
      },
      'Attributes',
    );
    await source.fetch(7, [sha]);
    const target = await emptyFolder();
    await source.materialize(7, sha, ['attr'], target);
    expect(await readFile(join(target, 'attr/main.tf'), 'utf8')).toBe(content);
    expect(await readFile(join(target, 'attr/hidden.tf'), 'utf8')).toBe('# hidden\n');
  });

  test('has links as links and writes through none of them', async () => {
    const outside = await emptyFolder();
    await symlink(outside, join(upstream, 'link'));
    const sha = await commit({}, 'Link');
    await source.fetch(7, [sha]);
    const target = await emptyFolder();
    await source.materialize(7, sha, ['.'], target);
    expect((await lstat(join(target, 'link'))).isSymbolicLink()).toBe(true);
    expect(await readlink(join(target, 'link'))).toBe(outside);
    expect(await readdir(outside)).toEqual([]);
  });

  test('is refused for a folder that the commit does not have', async () => {
    await expect(source.materialize(7, first, ['no/such'], await emptyFolder())).rejects.toMatchObject({
      code: 'tree-missing',
    });
  });
});
