import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { classifyApply } from '#domain/plan/classify-apply.ts';
import type { StateReading } from '#domain/plan/classify-apply.ts';
import { planDigest } from '#domain/plan/digest.ts';
import { redactPlan } from '#domain/plan/redact.ts';
import { summarizePlan } from '#domain/plan/summarize.ts';
import type { PreparedApply } from '#app/ports/terraform.ts';
import {
  backend,
  noCredentials,
  limits,
  planRequest,
  planned,
  prepared,
  runFolders,
  spawnApply,
  startBench,
  writeFiles,
} from './bench.ts';
import type { Bench, Files } from './bench.ts';

let bench: Bench;
const folderKey = 'change-1/project/sha';

beforeEach(async () => {
  bench = await startBench();
});
afterEach(async () => {
  await bench.close();
});

async function readState(apply: PreparedApply): Promise<StateReading> {
  return apply.readState().catch(() => 'unreadable' as const);
}

/** Prepares, applies and classifies, as the supervisor does. */
async function applied(bundle: Buffer) {
  const apply = await prepared(bench.worker(), bundle, folderKey);
  try {
    const stateBefore = await readState(apply);
    const { exit, started, lines } = await spawnApply(apply).ended;
    const erroredState = await apply.erroredState();
    const stateAfter = await readState(apply);
    const record = {
      exit,
      started,
      cancelled: false,
      stateBefore,
      stateAfter,
      erroredState: erroredState !== undefined,
    };
    return { ...classifyApply(record), record, lines, erroredState };
  } finally {
    await apply.release();
  }
}

async function plan(files: Files) {
  return planned(bench.worker(), planRequest({ ...files, 'backend.tf': backend(bench) }, { folderKey }));
}

const oneResource: Files = { 'main.tf': 'resource "terraform_data" "x" { input = abspath(path.root) }' };

describe('an apply of a bundle', () => {
  test('does exactly what was planned, on another worker, at the same absolute path', async () => {
    const { bundle, plan: made, state } = await plan(oneResource);
    expect(state).toBe('none');
    const { outcome, record } = await applied(bundle);
    expect(outcome).toBe('succeeded');
    expect(record).toMatchObject({ exit: 0, started: ['terraform_data.x'], stateBefore: 'none' });
    const after = made.resource_changes[0]?.change['after'];
    const [resource] = JSON.parse(bench.states.state() ?? '').resources;
    expect(after).toMatchObject({ input: resource.instances[0].attributes.input.value });
  });

  test('finds what init and plan wrote, without fetching it again', async () => {
    const modules = join(bench.base, 'modules');
    await writeFiles(join(modules, 'm'), {
      'main.tf': 'resource "terraform_data" "m" { input = file("${path.module}/data.txt") }',
      'data.txt': 'from the module',
    });
    execFileSync('tar', ['-czf', join(modules, 'm.tar.gz'), '-C', join(modules, 'm'), '.']);
    const { bundle } = await planned(
      bench.worker({ writablePaths: [modules] }),
      planRequest(
        { 'backend.tf': backend(bench), 'main.tf': `module "m" {\n source = "${modules}/m.tar.gz"\n}` },
        { folderKey },
      ),
    );
    await rm(modules, { recursive: true });
    expect((await applied(bundle)).outcome).toBe('succeeded');
    expect(bench.states.state()).toContain('from the module');
  });

  test('binds the state: its serial and lineage are those the plan was made against', async () => {
    await applied((await plan(oneResource)).bundle);
    const next = await plan({ 'main.tf': 'resource "terraform_data" "x" { input = "changed" }' });
    const { serial, lineage } = JSON.parse(bench.states.state() ?? '');
    expect(next.state).toEqual({ serial: String(serial), lineage });
    const apply = await prepared(bench.worker(), next.bundle, folderKey);
    expect(await apply.readState()).toEqual(next.state);
    await apply.release();
  });
});

test('a state whose backend does not answer in time cannot be read, and nothing is left of the look', async () => {
  const { bundle, state } = await plan(oneResource);
  const look = (wallMs: number) =>
    bench.worker().readState({ ...planRequest({}, { folderKey }), bundle, limits: { ...limits, wallMs } });
  bench.states.hang('GET');
  await expect(look(1_500)).rejects.toMatchObject({
    code: 'state-unreadable',
    retryable: true,
    message: 'the state could not be read: its backend did not answer in time',
  });
  expect(await runFolders(bench)).toEqual([]);
  bench.states.behave();
  expect(await look(25_000)).toEqual(state);
});

describe('what came of it', () => {
  test('a state lock that somebody holds: nothing was changed, and the same change can be planned again', async () => {
    const first = await plan(oneResource);
    bench.states.setLock(JSON.stringify({ ID: 'other', Operation: 'apply', Who: 'somebody' }));
    const { outcome, record } = await applied(first.bundle);
    expect(outcome).toBe('failed-clean');
    expect(record).toMatchObject({ exit: 1, started: [], erroredState: false });
    bench.states.setLock(undefined);
    const second = await plan(oneResource);
    const key = Buffer.alloc(32);
    expect(planDigest(second.plan, { key, ...second })).toBe(planDigest(first.plan, { key, ...first }));
    expect((await applied(second.bundle)).outcome).toBe('succeeded');
  });

  test('a state that moved: terraform itself refuses, cleanly', async () => {
    const { bundle } = await plan(oneResource);
    await applied((await plan({ 'main.tf': 'resource "terraform_data" "other" {}' })).bundle);
    const { outcome, lines } = await applied(bundle);
    expect(outcome).toBe('failed-clean');
    expect(lines.join('\n')).toContain('Saved plan is stale');
  });

  test('a resource that fails in the middle: partly', async () => {
    const { bundle } = await plan({
      'main.tf': 'resource "terraform_data" "x" {\n provisioner "local-exec" {\n command = "exit 3"\n }\n}',
    });
    const { outcome, record } = await applied(bundle);
    expect(outcome).toBe('failed-partial');
    expect(record.started).toEqual(['terraform_data.x']);
  });

  test('a state that cannot be uploaded: partly, and the state is kept', async () => {
    const { bundle } = await plan(oneResource);
    bench.states.refuse('POST');
    const { outcome, erroredState } = await applied(bundle);
    expect(outcome).toBe('failed-partial');
    expect(JSON.parse(erroredState?.toString('utf8') ?? '').resources).toHaveLength(1);
  });

  test('a state that the commit brought is not what an apply could not save', async () => {
    const { bundle } = await plan({ ...oneResource, 'errored.tfstate': '{}' });
    const { outcome, erroredState } = await applied(bundle);
    expect([outcome, erroredState]).toEqual(['succeeded', undefined]);
  });

  test('a kill: nobody knows', async () => {
    const { bundle } = await plan({
      'main.tf':
        'resource "terraform_data" "x" {\n provisioner "local-exec" {\n command = "echo begun; sleep 60"\n }\n}',
    });
    const apply = await prepared(bench.worker(), bundle, folderKey);
    const running = spawnApply(apply);
    await running.said('begun');
    process.kill(-running.pid, 'SIGKILL');
    const { exit, started } = await running.ended;
    const record = { exit, started, cancelled: false, erroredState: false };
    expect(classifyApply({ ...record, stateBefore: 'none', stateAfter: 'none' }).outcome).toBe('unknown');
    expect(bench.states.lock()).toBeDefined();
    await apply.release();
  });

  test('a cancel in the middle: terraform saves its state and lets go of the lock', async () => {
    const { bundle } = await plan({
      'main.tf':
        'resource "terraform_data" "x" {\n provisioner "local-exec" {\n command = "echo begun; exec sleep 60"\n }\n}',
    });
    const apply = await prepared(bench.worker(), bundle, folderKey);
    const running = spawnApply(apply);
    await running.said('begun');
    expect(bench.states.lock()).toBeDefined();
    expect(await apply.interrupt()).toBe(true);
    const { exit, started } = await running.ended;
    expect(exit).toBe(1);
    expect(bench.states.lock()).toBeUndefined();
    expect(bench.states.state()).toContain('"tainted"');
    const record = { exit, started, cancelled: true, stateBefore: 'none' as const, erroredState: false };
    expect(classifyApply({ ...record, stateAfter: await readState(apply) }).outcome).toBe('failed-partial');
    await apply.release();
  });
});

test('what the plan holds as sensitive is scrubbed from an apply, also where terraform shows it', async () => {
  const { bundle } = await plan({
    'main.tf': `
      variable "password" {
        default   = "correct-horse-battery"
        sensitive = true
      }
      resource "terraform_data" "x" {
        input = var.password
        provisioner "local-exec" {
          command = "echo ${'${self.output}'}; exit 3"
        }
      }`,
  });
  const apply = await prepared(bench.worker(), bundle, folderKey);
  const { lines } = await spawnApply(apply).ended;
  await apply.release();
  expect(lines.join('\n')).toContain('correct-horse-battery');
  expect(lines.map((line) => apply.scrub(line)).join('\n')).not.toContain('correct-horse-battery');
});

describe('the folder of an apply', () => {
  test("is nobody else's while its terraform lives, even when the supervisor is gone", async () => {
    const { bundle } = await plan({
      'main.tf':
        'resource "terraform_data" "x" {\n provisioner "local-exec" {\n command = "echo begun; exec sleep 60"\n }\n}',
    });
    const apply = await prepared(bench.worker(), bundle, folderKey);
    const running = spawnApply(apply);
    await running.said('begun');
    await expect(
      bench.worker().prepareApply(
        {
          folderKey,
          dir: '.',
          workspace: 'default',
          credentials: noCredentials,
          limits: { ...limits, wallMs: 300 },
          bundle,
        },
        () => undefined,
      ),
    ).rejects.toMatchObject({ code: 'run-folder-busy', retryable: true });
    await apply.release();
    await running.ended;
  });

  test('is closed to everybody else', async () => {
    const { bundle } = await plan(oneResource);
    const apply = await prepared(bench.worker(), bundle, folderKey);
    const mode = execFileSync('stat', ['-c', '%a', join(apply.command.cwd, '..')], {
      encoding: 'utf8',
    }).trim();
    expect(mode).toBe('700');
    await apply.release();
  });
});

test('every kind of change is told apart', async () => {
  await applied(
    (
      await plan({
        'main.tf': `
          resource "terraform_data" "old" { input = "same" }
          resource "terraform_data" "gone" {}
          resource "terraform_data" "replaced" { triggers_replace = "1" }
          resource "terraform_data" "updated" { input = { a = 1, b = "kept" } }
          resource "terraform_data" "forgotten" {}`,
      })
    ).bundle,
  );
  const { plan: made } = await plan({
    'main.tf': `
      resource "terraform_data" "new" { input = "same" }
      moved {
        from = terraform_data.old
        to   = terraform_data.new
      }
      removed {
        from = terraform_data.forgotten
        lifecycle {
          destroy = false
        }
      }
      import {
        to = terraform_data.imported
        id = "i-1"
      }
      resource "terraform_data" "imported" {}
      resource "terraform_data" "replaced" { triggers_replace = "2" }
      resource "terraform_data" "updated" { input = { a = 2, b = "kept" } }
      resource "terraform_data" "created" {}
      output "o" { value = 1 }`,
  });
  const summary = summarizePlan(redactPlan(made));
  expect(summary.counts).toEqual({
    create: 1,
    update: 1,
    delete: 1,
    replace: 1,
    forget: 1,
    import: 1,
    move: 1,
    outputs: 1,
  });
  const updated = summary.resources.find(({ address }) => address === 'terraform_data.updated');
  expect(updated?.changes[0]).toEqual({
    path: ['input', 'a'],
    before: 1,
    after: 2,
    sensitive: false,
    unknown: false,
    forcesReplacement: false,
  });
  const replaced = summary.resources.find(({ address }) => address === 'terraform_data.replaced');
  expect(replaced?.changes.find(({ forcesReplacement }) => forcesReplacement)?.path).toEqual([
    'triggers_replace',
  ]);
});
