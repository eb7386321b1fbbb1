import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProviderStore } from '#adapters/terraform/provider-store.ts';
import type { Isolation, OutputLine } from '#app/ports/terraform.ts';
import { planDigest } from '#domain/plan/digest.ts';
import { DEFAULT_WORKFLOW } from '#domain/workflow.ts';
import { backend, noHooks, plan, planRequest, prepared, spawnApply, startBench } from './bench.ts';
import type { Bench, Files } from './bench.ts';

/** A folder of providers for real clouds, where there is one. */
const plugins = process.env['COUNTERSIGN_TF_PLUGINS'];
const terraform = process.env['COUNTERSIGN_TERRAFORM'] ?? 'terraform';
const key = Buffer.alloc(32, 7);
let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
afterAll(async () => {
  await bench.close();
});

const rooted = (more = ''): Files => ({
  'a/main.tf': `${backend(bench)}module "m" {\n  source = "../m"\n}\n${more}`,
  'm/main.tf': 'resource "terraform_data" "x" {}',
});

/** Which commands of terraform a plan took, and what it came to. */
async function planOf(
  files: Files,
  overrides: Parameters<typeof planRequest>[1] = {},
  worker = bench.worker(),
) {
  const request = planRequest(files, { dir: 'a', ...overrides });
  const { outcome, lines } = await plan(worker, request);
  const wasKept = lines.some(({ text }) => text.startsWith('Initialized by an earlier run'));
  if (outcome.kind !== 'planned') throw new Error(JSON.stringify(outcome));
  const digest = planDigest(outcome.plan, { key, moduleTreeHash: outcome.moduleTreeHash });
  return { wasKept, digest, outcome };
}

/** What a first \`init\` by hand writes and people commit. */
async function lockFile(): Promise<string> {
  const folder = await mkdtemp(join(bench.base, 'lock-'));
  const required = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n';
  await writeFile(join(folder, 'main.tf'), required);
  await execa(terraform, ['init', `-plugin-dir=${plugins}`], { cwd: folder });
  return readFile(join(folder, '.terraform.lock.hcl'), 'utf8');
}

const entries = () => readdir(join(bench.runRoot, 'init-cache'));

describe('what init made is kept', () => {
  test('for the next plan, which comes to the same', async () => {
    const first = await planOf(rooted());
    const second = await planOf(rooted());
    expect([first.wasKept, second.wasKept]).toEqual([false, true]);
    expect(second.digest).toBe(first.digest);
    const apply = await prepared(bench.worker(), second.outcome.bundle, 'change-1/project/sha');
    await apply.release();
  });

  test('while only what init does not look at changes, and not beyond', async () => {
    await planOf(rooted());
    const kept = async (files: Files, overrides?: Parameters<typeof planRequest>[1]) =>
      (await planOf(files, overrides)).wasKept;
    expect(await kept(rooted('output "o" {\n  value = 1\n}\n'))).toBe(true);
    const another = {
      'a/main.tf': `${rooted()['a/main.tf']}module "n" {\n  source = "../m"\n}\n`,
      'm/main.tf': '',
    };
    expect(await kept(another)).toBe(false);
    expect(await kept(rooted('provider "terraform" {}\n'))).toBe(false);
    const credentials = { environment: { TF_HTTP_USERNAME: 'somebody-else' }, secrets: [] };
    expect(await kept(rooted(), { credentials })).toBe(false);
    const workflow = {
      ...DEFAULT_WORKFLOW,
      plan: DEFAULT_WORKFLOW.plan.map((step) =>
        step.step === 'init' ? { ...step, extraArgs: ['-reconfigure'] } : step,
      ),
    };
    expect(await kept(rooted(), { workflow })).toBe(false);
  });

  test('until the file changes that says where the state is', async () => {
    const workflow = {
      ...DEFAULT_WORKFLOW,
      plan: DEFAULT_WORKFLOW.plan.map((step) =>
        step.step === 'init' ? { ...step, extraArgs: ['-backend-config=own.tfbackend'] } : step,
      ),
    };
    const at = (path: string) => ({
      'a/main.tf': 'terraform {\n  backend "local" {}\n}\n',
      'a/own.tfbackend': `path = "${path}"\n`,
    });
    const kept = async (path: string) => (await planOf(at(path), { workflow })).wasKept;
    expect([await kept('one'), await kept('one'), await kept('two')]).toEqual([false, true, false]);
  });

  test('but not behind a program that may change what init is about', async () => {
    const before = await entries();
    const program = { step: 'run', name: 'first', command: ['true'], output: 'show' } as const;
    const { wasKept } = await planOf(rooted(), { hooks: { ...noHooks, prePlan: [program] } });
    expect(wasKept).toBe(false);
    expect(await entries()).toEqual(before);
  });

  test('and made again where it was not as good as its key, and then by a run that nothing else was done in', async () => {
    const files = rooted('# its own entry: a comment in a terraform block\nterraform {\n  # one\n}\n');
    await planOf(files);
    for (const name of await entries())
      await rm(join(bench.runRoot, 'init-cache', name, 'rest', 'terraform.tfstate'), { force: true });
    const { lines } = await plan(bench.worker(), planRequest(files, { dir: 'a' }));
    expect(lines.map(({ text }) => text)).toContain('Initializing the backend...');
    expect((await planOf(files)).wasKept).toBe(false);
    expect((await planOf(files)).wasKept).toBe(true);
  });

  const kinds: Isolation[] = ['uid', 'bubblewrap', 'uid+bubblewrap'];
  test.each(kinds)('where no run can change it: %s', async (isolation) => {
    if (process.getuid?.() !== 0 && isolation !== 'bubblewrap') return;
    const worker = bench.worker({ isolation });
    await planOf(rooted(), {}, worker);
    const attack = join(bench.base, `attack-${isolation}`);
    const targets =
      '.terraform/providers/x "$(readlink .terraform/providers)/../x" "$(readlink .terraform/providers)/x"';
    await writeFile(
      attack,
      `#!/bin/sh\nfor at in ${targets}; do echo evil > "$at" && echo "wrote $at"; done\nexit 0\n`,
    );
    await chmod(attack, 0o755);
    const [init, ...rest] = DEFAULT_WORKFLOW.plan;
    if (init === undefined) throw new Error('no init');
    const step = { step: 'run', name: 'attack', command: [attack], output: 'show' } as const;
    const request = planRequest(rooted(), {
      dir: 'a',
      workflow: { ...DEFAULT_WORKFLOW, plan: [init, step, ...rest] },
    });
    const { outcome, lines } = await plan(worker, request);
    expect(outcome.kind).toBe('planned');
    expect(lines.filter((line) => line.step === 'run').length).toBeGreaterThanOrEqual(3);
    const everything = await readdir(join(bench.runRoot, 'init-cache'), { recursive: true });
    expect(everything.filter((path) => path.endsWith('/x'))).toEqual([]);
  });
});

describe.runIf(plugins !== undefined)('with a provider of a real cloud', { timeout: 120_000 }, () => {
  const mirrored = () => bench.worker(plugins === undefined ? {} : { providerMirror: plugins });
  const generous = {
    limits: { ...planRequest({}).limits, wallMs: 100_000, outputBytes: 1e8, planJsonBytes: 1e8 },
  };

  const withProvider = (more: string, lock: string): Files => ({
    'a/main.tf': `${backend(bench)}terraform {
        required_providers {
          aws = { source = "hashicorp/aws" }
        }
      }
      provider "aws" {
        region                      = "eu-west-1"
        access_key                  = "x"
        secret_key                  = "x"
        skip_credentials_validation = true
        skip_requesting_account_id  = true
        skip_metadata_api_check     = true
      }
      data "aws_iam_policy_document" "x" {}
      resource "terraform_data" "x" { input = data.aws_iam_policy_document.x.json }
      ${more}`,
    'a/.terraform.lock.hcl': lock,
  });

  test('init is skipped for plan and apply, and the plan is the same', async () => {
    const files = withProvider('', await lockFile());
    const worker = mirrored();
    const first = await planOf(files, generous, worker);
    const second = await planOf(files, generous, worker);
    expect([first.wasKept, second.wasKept]).toEqual([false, true]);
    expect(second.digest).toBe(first.digest);
    const request = { ...planRequest({}, generous), dir: 'a', bundle: second.outcome.bundle };
    const lines: OutputLine[] = [];
    const preparation = await worker.prepareApply(request, (line) => lines.push(line));
    if (preparation.kind !== 'prepared') throw new Error(JSON.stringify(preparation));
    expect(lines).toEqual([]);
    expect((await spawnApply(preparation.apply).ended).exit).toBe(0);
    await preparation.apply.release();
  });

  test('what was downloaded for a lock file is not downloaded again for another project', async () => {
    const lock = await lockFile();
    const cache = join(bench.runRoot, 'init-cache');
    const lockHash = createHash('sha256').update(lock).digest('hex');
    // As a first run without a mirror leaves it; nothing here can be downloaded.
    const store = await createProviderStore(cache).fill(lockHash, plugins ?? '');
    expect(store).toContain(lockHash);
    const { outcome } = await planOf(withProvider('terraform {\n  # one\n}', lock), generous);
    expect(outcome.kind).toBe('planned');
  });
});
