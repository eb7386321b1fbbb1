import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunHooks } from '#app/ports/terraform.ts';
import type { Adjustment } from '#domain/project.ts';
import { summarizePlan } from '#domain/plan/summarize.ts';
import { redactPlan } from '#domain/plan/redact.ts';
import { planDigest } from '#domain/plan/digest.ts';
import { DEFAULT_WORKFLOW, type Workflow, type WorkflowStep } from '#domain/workflow.ts';
import { backend, noHooks, plan, planRequest, planned, prepared, spawnApply, startBench } from './bench.ts';
import type { Bench } from './bench.ts';

let bench: Bench;
const key = Buffer.alloc(32, 7);
const simple = { 'main.tf': 'resource "terraform_data" "x" {}' };

beforeAll(async () => {
  bench = await startBench();
});
afterAll(async () => {
  await bench.close();
});
beforeEach(() => {
  bench.states.behave();
});

/** A program of the server's, readable by every run. */
async function program(name: string, body: string): Promise<string> {
  const folder = join(bench.base, 'programs');
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`);
  await chmod(join(folder, name), 0o755);
  return join(folder, name);
}

/** The real terraform under another version's name, as far as `version` tells. */
function posingAs(version: string): Promise<string> {
  const body = `[ "$1" = version ] && echo "Terraform v${version}" && exit\nexec terraform "$@"`;
  return program(`terraform-${version}`, body);
}

const run = (name: string, ...command: string[]) =>
  ({ step: 'run', name, command, output: 'show' }) satisfies WorkflowStep;

/** The default workflow with steps around its plan. */
function workflow(before: WorkflowStep[], after: WorkflowStep[] = []): Workflow {
  const [init, planStep, ...rest] = DEFAULT_WORKFLOW.plan;
  if (init === undefined || planStep === undefined) throw new Error('no default workflow');
  return { ...DEFAULT_WORKFLOW, plan: [init, ...before, planStep, ...after, ...rest] };
}

describe('a project runs with', () => {
  test('the version it asks for, and is applied with that, whatever the default has become', async () => {
    const older = { distribution: 'terraform', version: '1.9.8', path: await posingAs('1.9.8') } as const;
    const worker = bench.worker({ binaries: [older] });
    const wanted = { distribution: 'terraform', version: '1.9.8' } as const;
    const outcome = await planned(worker, planRequest(simple, { binary: wanted }));
    expect(outcome.terraformVersion).toBe('1.9.8');
    expect(await worker.version(wanted)).toBe('1.9.8');
    const apply = await prepared(worker, outcome.bundle, 'change-1/project/sha');
    expect(apply.command.argv.join(' ') + apply.command.file).toContain('terraform-1.9.8');
    await apply.release();
    await expect(prepared(bench.worker(), outcome.bundle, 'change-1/project/sha')).rejects.toMatchObject({
      code: 'no-such-binary',
    });
  });

  test('none when the server does not have it: nothing is fetched, and both are named', async () => {
    const here = await bench.worker().version();
    const wanted = { distribution: 'terraform', version: '1.2.3' } as const;
    const { outcome, lines } = await plan(bench.worker(), planRequest(simple, { binary: wanted }));
    expect(outcome).toMatchObject({
      kind: 'failed',
      step: 'before',
      diagnostics: [{ summary: `the project asks for terraform 1.2.3; this server has terraform ${here}` }],
    });
    expect(lines).toEqual([]);
  });

  test('none that is not what the server’s file says it is', async () => {
    const { outcome } = await plan(bench.worker({ version: '1.0.0' }), planRequest(simple));
    expect(outcome).toMatchObject({
      diagnostics: [{ summary: expect.stringContaining("the server's file says terraform 1.0.0") }],
    });
  });
});

describe('a workflow', () => {
  test('adds arguments and variables, and runs the server’s programs where the plan runs', async () => {
    const files = {
      'main.tf': `
        data "terraform_remote_state" "none" {
          count   = 0
          backend = "local"
        }
        resource "terraform_data" "x" { input = file("generated.txt") }`,
    };
    const generate = await program('generate', 'echo "$SOME_REGION $(id -u)" > generated.txt; echo done');
    const look = await program('look', 'grep -c resource_changes "$COUNTERSIGN_PLAN_JSON"; pwd');
    const hooks: RunHooks = { ...noHooks, postPlan: [run('look', look)] };
    const steps: WorkflowStep[] = [
      { step: 'env', name: 'SOME_REGION', value: 'eu-west-1' },
      run('generate', generate),
    ];
    const made = workflow(steps);
    const parallel = made.plan.map((step) =>
      step.step === 'plan' ? { ...step, extraArgs: ['-parallelism=1', '-refresh=false'] } : step,
    );
    const request = planRequest(files, { hooks, workflow: { ...made, plan: parallel } });
    const { outcome, lines } = await plan(bench.worker(), request);
    if (outcome.kind !== 'planned') throw new Error(JSON.stringify(outcome));
    const input = outcome.plan.resource_changes[0]?.change['after'];
    expect(input).toMatchObject({ input: expect.stringMatching(/^eu-west-1 \d+\n$/u) });
    expect(lines.filter(({ step }) => step === 'run').map(({ text }) => text)).toEqual([
      'done',
      '1',
      expect.stringContaining(bench.runRoot),
    ]);
    // What the program generated is part of what was planned.
    const { moduleTreeHash } = await planned(bench.worker(), planRequest({ ...files, 'generated.txt': '' }));
    expect(outcome.moduleTreeHash).not.toBe(moduleTreeHash);
  });

  test('takes the backend’s settings from a file of the project, for plan, state and apply', async () => {
    const files = {
      'a/main.tf': 'terraform {\n  backend "http" {}\n}\nresource "terraform_data" "x" {}',
      'a/own.tfbackend': `address = "${bench.states.url}"\n`,
    };
    const extra = DEFAULT_WORKFLOW.plan.map((step) =>
      step.step === 'init' ? { ...step, extraArgs: ['-backend-config=own.tfbackend'] } : step,
    );
    const overrides = { dir: 'a', workflow: { ...DEFAULT_WORKFLOW, plan: extra } };
    const { bundle } = await planned(bench.worker(), planRequest(files, overrides));
    bench.states.setState(
      '{"version":4,"terraform_version":"1.5.0","serial":4,"lineage":"its-own","outputs":{},"resources":[]}',
    );
    const state = await bench.worker().readState({ ...planRequest({}, overrides), bundle });
    expect(state).toEqual({ lineage: 'its-own', serial: '4' });
  });

  test('fails with the name of the step that fails', async () => {
    const refuse = await program('refuse', 'echo "no tags on x"; exit 3');
    const { outcome } = await plan(
      bench.worker(),
      planRequest(simple, { workflow: workflow([run('lint', refuse)]) }),
    );
    expect(outcome).toEqual({
      kind: 'failed',
      step: { run: 'lint' },
      exitCode: 3,
      diagnostics: [
        { severity: 'error', summary: 'Step "lint" ended with exit code 3', detail: 'no tags on x' },
      ],
    });
  });

  test('hides what a step prints where it is told to', async () => {
    const secretive = await program('secretive', 'echo token-in-clear; exit 1');
    const hidden = { ...run('fetch', secretive), output: 'hide' } as const;
    const { outcome, lines } = await plan(
      bench.worker(),
      planRequest(simple, { workflow: workflow([hidden]) }),
    );
    expect(JSON.stringify([outcome, lines])).not.toContain('token-in-clear');
    expect(outcome).toMatchObject({ diagnostics: [{ detail: 'Its output is hidden.' }] });
  });

  test('may not change the module behind the plan', async () => {
    const change = await program('change', 'echo evil > script.sh');
    const { outcome } = await plan(
      bench.worker(),
      planRequest(simple, { workflow: workflow([], [run('change', change)]) }),
    );
    expect(outcome).toMatchObject({
      diagnostics: [{ summary: 'A step behind the plan changed files of the module' }],
    });
  });

  test.each([
    ['an argument that is not on the list', [{ step: 'plan', extraArgs: ['-destroy'] }]],
    ['another folder', [{ step: 'plan', extraArgs: ['-chdir=/etc'] }]],
    ['a variable of the service’s', [{ step: 'env', name: 'LD_PRELOAD', value: '/tmp/x.so' }]],
    ['a credential of the run', [{ step: 'env', name: 'AWS_ACCESS_KEY_ID', value: 'mine' }]],
    ['a program of the merge request', [run('own', './script.sh')]],
  ] satisfies [string, WorkflowStep[]][])('is refused with %s', async (_what, steps) => {
    const credentials = { environment: { AWS_ACCESS_KEY_ID: 'theirs' }, secrets: [] };
    const [first] = steps;
    const isOwn = first?.step === 'plan';
    const plain = isOwn ? DEFAULT_WORKFLOW.plan.map((step) => (step.step === 'plan' ? first : step)) : [];
    const refused = isOwn ? { ...DEFAULT_WORKFLOW, plan: plain } : workflow(steps);
    const request = planRequest(simple, { workflow: refused, credentials });
    const { outcome, lines } = await plan(bench.worker(), request);
    expect(outcome).toMatchObject({ kind: 'failed', step: 'before' });
    expect(lines).toEqual([]);
  });

  test('is applied as it was when it was planned, its hooks around it', async () => {
    const note = await program('note', 'echo "$COUNTERSIGN_PHASE [$COUNTERSIGN_EXIT_CODE]"');
    const refuse = await program('refuse-late', 'exit 4');
    const hooks = { ...noHooks, preApply: [run('before', note)], postApply: [run('after', refuse)] };
    const files = { 'main.tf': `${backend(bench)}resource "terraform_data" "x" {}` };
    const { bundle } = await planned(bench.worker(), planRequest(files, { hooks }));
    const apply = await prepared(bench.worker(), bundle, 'change-1/project/sha');
    expect(await apply.runBefore()).toBeUndefined();
    const { exit } = await spawnApply(apply).ended;
    expect(exit).toBe(0);
    expect(await apply.runAfter(0)).toBe('Step "after" ended with exit code 4');
    await apply.release();
  });
});

describe('an adjustment of the state', () => {
  beforeAll(async () => {
    await bench.close();
    bench = await startBench();
  });

  const declared = { 'main.tf': 'resource "terraform_data" "x" {}' };
  const importX: Adjustment = { kind: 'import', to: 'terraform_data.x', id: 'id-${oops} %{of} "x"' };

  test('by import is part of the plan, of its digest and of the apply', async () => {
    const files = { 'main.tf': `${backend(bench)}${declared['main.tf']}` };
    const without = await planned(bench.worker(), planRequest(files));
    const made = await planned(bench.worker(), planRequest(files, { adjustments: [importX] }));
    const [change] = made.plan.resource_changes;
    expect(change?.change).toMatchObject({ importing: { id: 'id-${oops} %{of} "x"' } });
    expect(summarizePlan(redactPlan(made.plan)).counts.import).toBe(1);
    expect(made.warnings).toEqual([]);
    const digests = [without, made].map(({ plan: each, moduleTreeHash }) =>
      planDigest(each, { key, moduleTreeHash }),
    );
    expect(new Set(digests).size).toBe(2);
    const apply = await prepared(bench.worker(), made.bundle, 'change-1/project/sha');
    expect((await spawnApply(apply).ended).exit).toBe(0);
    await apply.release();
    expect(bench.states.state()).toContain('id-${oops}');
  });

  test('by state rm forgets what the code no longer has, and says so when that is nothing', async () => {
    const forget = (from: string): Adjustment => ({ kind: 'forget', from });
    const files = { 'main.tf': backend(bench) };
    const adjustments = [forget('terraform_data.x'), forget('terraform_data.never')];
    const made = await planned(bench.worker(), planRequest(files, { adjustments }));
    expect(made.plan.resource_changes).toMatchObject([
      { address: 'terraform_data.x', change: { actions: ['forget'] } },
    ]);
    expect(made.warnings.map(({ summary }) => summary)).toEqual([
      '"countersign state rm terraform_data.never" changes nothing',
      'Some objects will no longer be managed by Terraform',
    ]);
  });

  test.each([
    [
      'a resource the code still declares',
      declared,
      { kind: 'forget', from: 'terraform_data.x' },
      /take the block out of the code/iu,
    ],
    [
      'an import of what the code does not declare',
      declared,
      { kind: 'import', to: 'terraform_data.y', id: 'y' },
      /declare the resource in the code/iu,
    ],
    [
      'one instance of a resource',
      declared,
      { kind: 'forget', from: 'terraform_data.x["a"]' },
      /is one instance/u,
    ],
    [
      'a file of the same name in the commit',
      { ...declared, 'countersign_adjustments.tf.json': '{}' },
      importX,
      /take it out first/u,
    ],
  ] satisfies [string, Record<string, string>, Adjustment, RegExp][])(
    'is answered with what to do: %s',
    async (_what, files, adjustment, advice) => {
      const { outcome } = await plan(bench.worker(), planRequest(files, { adjustments: [adjustment] }));
      if (outcome.kind !== 'failed') throw new Error(outcome.kind);
      expect(JSON.stringify(outcome.diagnostics)).toMatch(advice);
    },
  );

  test('needs a version that knows how', async () => {
    const older = { distribution: 'terraform', version: '1.4.7', path: await posingAs('1.4.7') } as const;
    const binary = { distribution: 'terraform', version: '1.4.7' } as const;
    const request = planRequest(declared, { adjustments: [importX], binary });
    expect((await plan(bench.worker({ binaries: [older] }), request)).outcome).toMatchObject({
      step: 'before',
      diagnostics: [{ summary: 'import needs terraform 1.5.0 or newer; this project runs terraform 1.4.7' }],
    });
  });
});

describe('what terraform finds wrong', () => {
  test('comes with file, line, column and source, from the repository’s root, for init too', async () => {
    const body = '# first\nmodule "x" {\n  source = "./gone"\n}\n';
    const { outcome } = await plan(bench.worker(), planRequest({ 'a/b/main.tf': body }, { dir: 'a/b' }));
    expect(outcome).toMatchObject({
      step: 'init',
      diagnostics: [
        { summary: 'Unreadable module directory' },
        { summary: 'Unreadable module directory', file: 'a/b/main.tf', line: 2 },
      ],
    });
    const unknown = 'resource "terraform_data" "x" {\n  input = nope.y\n}\n';
    const failed = await plan(bench.worker(), planRequest({ 'a/b/main.tf': unknown }, { dir: 'a/b' }));
    expect(failed.outcome).toMatchObject({
      diagnostics: [
        {
          file: 'a/b/main.tf',
          line: 2,
          column: 11,
          code: '  input = nope.y',
          context: 'resource "terraform_data" "x"',
        },
      ],
    });
  });

  test('is kept of a plan that succeeds', async () => {
    const files = {
      'main.tf':
        'locals {\n  n = 1\n}\ncheck "c" {\n  assert {\n    condition     = local.n == 2\n    error_message = "odd"\n  }\n}',
    };
    expect((await planned(bench.worker(), planRequest(files))).warnings).toMatchObject([
      {
        severity: 'warning',
        summary: 'Check block assertion failed',
        detail: 'odd',
        file: 'main.tf',
        line: 6,
      },
    ]);
  });
});
