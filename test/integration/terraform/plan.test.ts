import { existsSync } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inhabitants } from '#adapters/terraform/processes.ts';
import { planDigest } from '#domain/plan/digest.ts';
import { DEFAULT_WORKFLOW } from '#domain/workflow.ts';
import { redactPlan } from '#domain/plan/redact.ts';
import { renderPlan } from '#domain/plan/render.ts';
import { summarizePlan } from '#domain/plan/summarize.ts';
import { backend, limits, plan, planRequest, planned, runFolders, startBench, writeFiles } from './bench.ts';
import type { Bench } from './bench.ts';

let bench: Bench;
const key = Buffer.alloc(32, 7);

beforeAll(async () => {
  bench = await startBench();
});
afterAll(async () => {
  await bench.close();
});
beforeEach(() => {
  bench.states.behave();
});

async function digestOf(
  files: Record<string, string>,
  variables: Record<string, string> = {},
): Promise<string> {
  const { plan: made, moduleTreeHash } = await planned(bench.worker(), planRequest(files, { variables }));
  return planDigest(made, { key, moduleTreeHash });
}

describe('a plan run', () => {
  test('gives the plan, what it was made against, and what it was made of', async () => {
    const files = { 'main.tf': `${backend(bench)}resource "terraform_data" "x" { input = "one" }` };
    const { outcome, lines } = await plan(bench.worker(), planRequest(files));
    expect(outcome).toMatchObject({
      kind: 'planned',
      state: 'none',
      terraformVersion: await bench.worker().version(),
      lockFileHash: expect.stringMatching(/^[0-9a-f]{64}$/u),
      moduleTreeHash: expect.stringMatching(/^[0-9a-f]{64}$/u),
    });
    expect(lines).toContainEqual({
      step: 'plan',
      stream: 'stdout',
      text: 'terraform_data.x: Plan to create',
    });
    expect(lines.some(({ text }) => text.includes('@message'))).toBe(false);
  });

  test('leaves no folder and no process', async () => {
    await plan(bench.worker(), planRequest({ 'main.tf': 'resource "terraform_data" "x" {}' }));
    expect(await runFolders(bench)).toEqual([]);
  });

  test('passes variables on, and reads var files and subfolders', async () => {
    const files = {
      'app/prod/main.tf': `
        variable "approval_id" {}
        variable "size" {}
        resource "terraform_data" "x" { input = "\${var.approval_id} \${var.size}" }`,
      'vars/prod.tfvars': 'size = 3',
    };
    const request = planRequest(files, {
      dir: 'app/prod',
      variables: { approval_id: 'INFRA-7' },
      varFiles: ['vars/prod.tfvars'],
    });
    const { plan: made } = await planned(bench.worker(), request);
    expect(made.resource_changes[0]?.change['after']).toMatchObject({ input: 'INFRA-7 3' });
  });

  test('plans in the workspace it is asked for', async () => {
    const files = { 'main.tf': 'resource "terraform_data" "x" { input = terraform.workspace }' };
    const { plan: made } = await planned(bench.worker(), planRequest(files, { workspace: 'blue' }));
    expect(made.resource_changes[0]?.change['after']).toMatchObject({ input: 'blue' });
  });

  test('has the environment that was made for it and nothing of ours', async () => {
    const files = {
      'main.tf': `output "names" {
        value = [for each in split("\\u0000", file("/proc/self/environ")) : split("=", each)[0] if each != ""]
      }`,
    };
    const credentials = { environment: { AWS_REGION: 'eu-west-1' }, secrets: [] };
    const request = planRequest(files, { credentials, variables: { x: '1' } });
    const { plan: made } = await planned(bench.worker(), request);
    const names = made.output_changes['names']?.['after'];
    // PWD is bubblewrap's own addition.
    const seen = Array.isArray(names) ? names.map(String).filter((name) => name !== 'PWD') : [];
    expect(seen.sort()).toEqual([
      'AWS_REGION',
      'CHECKPOINT_DISABLE',
      'GOGC',
      'HOME',
      'LANG',
      'PATH',
      'TF_CLI_CONFIG_FILE',
      'TF_INPUT',
      'TF_IN_AUTOMATION',
      'TF_VAR_x',
      'TMPDIR',
    ]);
  });

  test('uses nothing that terraform is configured with outside of it', async () => {
    process.env['TF_CLI_ARGS_plan'] = '-destroy';
    try {
      const { outcome } = await plan(
        bench.worker(),
        planRequest({ 'main.tf': 'resource "terraform_data" "x" {}' }),
      );
      expect(outcome).toMatchObject({
        kind: 'planned',
        plan: { resource_changes: [{ change: { actions: ['create'] } }] },
      });
    } finally {
      delete process.env['TF_CLI_ARGS_plan'];
    }
  });
});

describe('a plan that fails', () => {
  test('says where', async () => {
    const files = { 'main.tf': '# first\nresource "terraform_data" "x" { input = nope.y }\n' };
    const { outcome } = await plan(bench.worker(), planRequest(files));
    expect(outcome).toMatchObject({
      kind: 'failed',
      step: 'plan',
      exitCode: 1,
      diagnostics: [
        { severity: 'error', summary: 'Reference to undeclared resource', file: 'main.tf', line: 2 },
      ],
    });
  });

  test('is one that wants a provider nobody locked, when there is a lock file', async () => {
    const files = {
      'main.tf': 'terraform {\n required_providers {\n x = { source = "example.com/x/x" }\n }\n}\n',
      '.terraform.lock.hcl': '',
    };
    const { outcome } = await plan(bench.worker({ providerMirror: bench.base }), planRequest(files));
    expect(outcome).toMatchObject({ kind: 'failed', step: 'init' });
  });
});

describe('refused before terraform starts', () => {
  test.each([
    ['a folder that climbs', { dir: '../x' }],
    ['a folder that is a flag', { dir: '-chdir=x' }],
    ['an absolute folder', { dir: '/etc' }],
    ['a workspace that is a path', { workspace: 'a/b' }],
    ['a workspace with shell in it', { workspace: 'a;id' }],
    ['a var file that climbs', { varFiles: ['../secret.tfvars'] }],
  ])('%s', async (_what, overrides) => {
    const { outcome, lines } = await plan(bench.worker(), planRequest({ 'main.tf': '' }, overrides));
    expect(outcome).toMatchObject({ kind: 'failed', step: 'before', exitCode: undefined });
    expect(lines).toEqual([]);
  });

  test.each([
    ['to a file', '/etc/hostname'],
    ['to the root', '/'],
    ['by climbing', '../../../../etc/hostname'],
  ])('a tree with a link out of it, %s', async (_how, target) => {
    const request = planRequest(
      {},
      {
        async materialize(folder) {
          await writeFile(join(folder, 'main.tf'), '');
          await symlink(target, join(folder, 'innocent.txt'));
        },
      },
    );
    const { outcome } = await plan(bench.worker(), request);
    expect(outcome).toMatchObject({
      kind: 'failed',
      diagnostics: [{ summary: expect.stringContaining('innocent.txt leads out of the tree') }],
    });
  });

  test.each([
    ['says which workspace is meant', { 'a/.terraform/environment': 'prod' }],
    ['says where the state is', { 'a/.terraform/terraform.tfstate': '{}' }],
    ['is a link', {}],
  ])('a tree with an init of its own, which %s', async (_what, files) => {
    const request = planRequest(
      {},
      {
        dir: 'a',
        async materialize(folder) {
          const code = 'resource "terraform_data" "x" { input = terraform.workspace }';
          await writeFiles(folder, { 'a/main.tf': code, 'b/environment': 'prod', ...files });
          if (Object.keys(files).length === 0) await symlink('../b', join(folder, 'a/.terraform'));
        },
      },
    );
    const { outcome } = await plan(bench.worker(), request);
    expect(outcome).toMatchObject({
      kind: 'failed',
      step: 'before',
      diagnostics: [{ summary: expect.stringContaining('a/.terraform is in this commit') }],
    });
  });

  test('a link out through a link inside', async () => {
    const request = planRequest(
      { 'u/v/keep': '' },
      {
        async materialize(folder) {
          await writeFile(join(folder, 'main.tf'), '');
          await mkdir(join(folder, 'u/v'), { recursive: true });
          await symlink('..', join(folder, 'u/v/w'));
          await symlink('u/v/w/../..', join(folder, 'z'));
        },
      },
    );
    const { outcome } = await plan(bench.worker(), request);
    expect(outcome).toMatchObject({ kind: 'failed', exitCode: undefined });
  });

  test('but not a link that stays inside', async () => {
    const request = planRequest(
      {},
      {
        async materialize(folder) {
          await writeFile(join(folder, 'a.txt'), 'text');
          await symlink('a.txt', join(folder, 'b.txt'));
          await writeFile(join(folder, 'main.tf'), 'output "x" { value = file("b.txt") }');
        },
      },
    );
    expect((await planned(bench.worker(), request)).plan.output_changes['x']).toMatchObject({
      after: 'text',
    });
  });
});

describe('code that runs while it is planned', () => {
  const files = () => ({
    'main.tf': `${backend(bench)}resource "terraform_data" "x" {}`,
    'settings/backend.hcl': '',
  });

  /** A terraform that, like the program of an external data source, writes while it plans; or like a provider, while it shows. */
  async function planWriting(path: string, command = 'plan') {
    const binary = join(bench.base, 'terraform');
    const real = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((folder) => join(folder, 'terraform'))
      .find((each) => existsSync(each));
    const write = `if [ "$1" = ${command} ]; then mkdir -p "$(dirname ${path})"; echo '# more' >> ${path}; fi`;
    await writeFile(binary, `#!/bin/sh\n${real} "$@"\ncode=$?\n${write}\nexit $code\n`);
    await chmod(binary, 0o755);
    const workflow = {
      ...DEFAULT_WORKFLOW,
      plan: DEFAULT_WORKFLOW.plan.map((step) =>
        step.step === 'init' ? { ...step, extraArgs: ['-backend-config=settings/backend.hcl'] } : step,
      ),
    };
    return (await plan(bench.worker({ binary }), planRequest(files(), { workflow }))).outcome;
  }

  test.each([
    'main.tf',
    'more.tf.json',
    'terraform.tfvars',
    '.terraform.lock.hcl',
    '.terraform/terraform.tfstate',
    '.terraform/environment',
    'settings/backend.hcl',
  ])('cannot say where the state is to those who apply: %s', async (path) => {
    expect(await planWriting(path)).toMatchObject({
      kind: 'failed',
      diagnostics: [{ summary: 'The plan changed files that terraform goes by' }],
    });
  });

  test('cannot put another plan in the place of the one that is shown', async () => {
    expect(await planWriting('../out/plan.tfplan', 'show')).toMatchObject({
      kind: 'failed',
      diagnostics: [{ summary: 'The plan file was changed while it was looked at' }],
    });
  });

  test('may make other files', async () => {
    expect(await planWriting('lambda.zip')).toMatchObject({ kind: 'planned' });
  });
});

describe('limits', () => {
  const hanging = () => planRequest({ 'main.tf': `${backend(bench)}resource "terraform_data" "x" {}` });

  async function expectNothingLeft(): Promise<void> {
    expect(await runFolders(bench)).toEqual([]);
    expect(await inhabitants(bench.runRoot)).toEqual([]);
  }

  test('on time end the run and all its processes', async () => {
    bench.states.hang('GET');
    const { outcome } = await plan(bench.worker(), { ...hanging(), limits: { ...limits, wallMs: 1_000 } });
    expect(outcome).toMatchObject({ kind: 'timed-out' });
    await expectNothingLeft();
  });

  test('on memory end it', async () => {
    bench.states.hang('GET');
    const { outcome } = await plan(bench.worker(), {
      ...hanging(),
      limits: { ...limits, memoryBytes: 5_000_000 },
    });
    expect(outcome).toMatchObject({ kind: 'memory-limit' });
    await expectNothingLeft();
  });

  test('on output end it', async () => {
    const { outcome } = await plan(bench.worker(), { ...hanging(), limits: { ...limits, outputBytes: 100 } });
    expect(outcome).toMatchObject({ kind: 'output-limit' });
    await expectNothingLeft();
  });

  test('on the size of the plan end it', async () => {
    const { outcome } = await plan(bench.worker(), {
      ...hanging(),
      limits: { ...limits, planJsonBytes: 50 },
    });
    expect(outcome).toEqual({ kind: 'output-limit', step: 'show' });
    await expectNothingLeft();
  });

  test('may be shortened by cancelling', async () => {
    bench.states.hang('GET');
    const cancel = new AbortController();
    const asked = bench.states.seen('GET');
    const running = plan(bench.worker(), hanging(), cancel.signal);
    await asked;
    cancel.abort();
    expect((await running).outcome).toMatchObject({ kind: 'cancelled' });
    await expectNothingLeft();
  });

  test('a second run of the same project waits for the first', async () => {
    bench.states.hang('GET');
    const cancel = new AbortController();
    const asked = bench.states.seen('GET');
    const first = plan(bench.worker(), hanging(), cancel.signal);
    await asked;
    const second = plan(bench.worker(), planRequest({ 'main.tf': 'resource "terraform_data" "y" {}' }));
    cancel.abort();
    expect((await first).outcome.kind).toBe('cancelled');
    expect((await second).outcome.kind).toBe('planned');
  });
});

describe('the digest', () => {
  const files = (body: string) => ({ 'main.tf': body });
  const provisioner = (command: string) =>
    files(`resource "terraform_data" "x" {\n provisioner "local-exec" {\n command = ${command}\n }\n}`);

  test('is equal for the same plan made twice', async () => {
    const body = `
      variable "s" {
        sensitive = true
      }
      resource "terraform_data" "x" {
        for_each = toset(["a", "b"])
        input    = { s = var.s, n = [1, 2], root = abspath(path.root) }
      }
      check "c" {
        assert {
          condition     = length(terraform_data.x) == 3
          error_message = "not three"
        }
      }`;
    expect(await digestOf(files(body), { s: 'hunter2-hunter2' })).toBe(
      await digestOf(files(body), { s: 'hunter2-hunter2' }),
    );
  });

  test.each([
    ['two provisioner bodies', provisioner('"echo 1"'), provisioner('"echo 2"')],
    [
      'two files a provisioner reads',
      { ...provisioner('"./run.sh"'), 'run.sh': 'a' },
      { ...provisioner('"./run.sh"'), 'run.sh': 'b' },
    ],
    [
      '2^53 and 2^53 + 1',
      files('resource "terraform_data" "x" { input = 9007199254740992 }'),
      files('resource "terraform_data" "x" { input = 9007199254740993 }'),
    ],
    [
      'a string and the number it spells',
      files('resource "terraform_data" "x" { input = 5 }'),
      files('resource "terraform_data" "x" { input = "5" }'),
    ],
  ])('differs for %s', async (_what, one, other) => {
    expect(await digestOf(one)).not.toBe(await digestOf(other));
  });

  test('differs for two secrets, also when only a provisioner uses them', async () => {
    const declared = 'variable "s" {\n sensitive = true\n}\n';
    const inResource = files(`${declared}resource "terraform_data" "x" { input = var.s }`);
    const inProvisioner = files(`${declared}${provisioner('"echo ${var.s}"')['main.tf']}`);
    for (const each of [inResource, inProvisioner])
      expect(await digestOf(each, { s: 'first-secret' })).not.toBe(
        await digestOf(each, { s: 'other-secret' }),
      );
  });
});

describe('secrets', () => {
  const canary = 'c4n4ry-"quoted"&more';

  test('reach neither the redacted plan, nor its text, nor the output of the run', async () => {
    const files = {
      'main.tf': `
        variable "secret" {
          sensitive = true
        }
        resource "terraform_data" "x" {
          input = { secret = var.secret, basic = base64encode("user:\${nonsensitive(var.secret)}") }
        }
        output "secret" {
          value     = var.secret
          sensitive = true
        }
        output "leaked" {
          value = "before \${nonsensitive(var.secret)} after"
        }`,
    };
    const { outcome, lines } = await plan(
      bench.worker(),
      planRequest(files, { variables: { secret: canary } }),
    );
    if (outcome.kind !== 'planned') throw new Error(outcome.kind);
    expect(JSON.stringify(outcome.plan)).toContain('c4n4ry');
    const redacted = redactPlan(outcome.plan);
    const texts = [JSON.stringify(redacted), renderPlan(summarizePlan(redacted)), JSON.stringify(lines)];
    for (const text of texts) {
      expect(text).not.toContain('c4n4ry');
      expect(text).not.toContain(Buffer.from(canary).toString('base64').slice(4, 16));
    }
    expect(redacted.outputs.find(({ name }) => name === 'leaked')?.after).toBe(
      'before (sensitive value) after',
    );
  });

  test('of the run are hidden in what terraform says', async () => {
    const files = {
      'main.tf': 'resource "terraform_data" "x" { input = file("/nowhere/${var.t}") }\nvariable "t" {}',
    };
    const { outcome, lines } = await plan(
      bench.worker(),
      planRequest(files, {
        credentials: { environment: { TF_VAR_t: 'tok3n-value' }, secrets: ['tok3n-value'] },
      }),
    );
    expect(JSON.stringify([outcome, lines])).toContain('/nowhere/(hidden)');
    expect(JSON.stringify([outcome, lines])).not.toContain('tok3n-value');
  });
});
