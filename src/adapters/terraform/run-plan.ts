import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Fault } from '#domain/fault.ts';
import { sensitiveValues } from '#domain/plan/secret-values.ts';
import { readUiLine, textForPeople } from '#domain/plan/ui-line.ts';
import type { WorkflowStep } from '#domain/workflow.ts';
import type { OutputLine, PlanOutcome, PlanRequest } from '#app/ports/terraform.ts';
import { adjustmentBlocks, adjustmentsFile, refuseAdjustments, withoutEffect } from './adjustments.ts';
import { versionLabel } from './binaries.ts';
import type { KnownBinary } from './binaries.ts';
import { packBundle } from './bundle.ts';
import { initKey } from './init-key.ts';
import { lockFileHash, moduleTreeHash } from './module-tree.ts';
import { plannedState } from './plan-file.ts';
import { fileHash, instructionsOf, readPlanFile, takePlanStep } from './plan-steps.ts';
import type { PlanCircumstances, Progress } from './plan-steps.ts';
import { refusePaths } from './request-paths.ts';
import { openRun } from './run.ts';
import type { Run, RunSettings } from './run.ts';
import { runNoteFile, writeRunNote } from './run-note.ts';
import { UnsafeTree, inspectTree } from './run-tree.ts';
import { extraArgs, failed, refuseWorkflow } from './steps.ts';

/** See `Terraform.plan`. */
export async function runPlan(
  settings: RunSettings,
  request: PlanRequest,
  onLine: (line: OutputLine) => void,
  signal: AbortSignal,
): Promise<PlanOutcome> {
  const binary = await findBinary(settings, request);
  if (typeof binary === 'string') return failed('before', binary);
  const refused =
    refusePaths(request) ??
    refuseWorkflow(request.workflow, request) ??
    refuseAdjustments(request.adjustments, binary);
  if (refused !== undefined) return failed('before', refused);
  const run = await openRun(settings, request, (line) => onLine(forPeople(line)), signal);
  run.use(binary.path);
  try {
    await request.materialize(run.folder.tree);
    await inspectTree(run.folder.tree, {});
    const unfit = await prepareTree(run, request, binary);
    if (unfit !== undefined) return failed('before', unfit);
    const progress = await startWithKeptInit(run, settings, request, binary);
    await run.handOver();
    return await takeSteps(run, { request, binary, cache: settings.cache, progress });
  } catch (error) {
    if (error instanceof UnsafeTree) return failed('before', `Refused: ${error.message}`);
    throw error;
  } finally {
    await run.release();
  }
}

/** The binary, or why the project cannot have the one it asks for. */
async function findBinary({ binaries }: RunSettings, { binary }: PlanRequest): Promise<KnownBinary | string> {
  try {
    return await binaries.find(binary);
  } catch (error) {
    if (error instanceof Fault && !error.retryable) return error.message;
    throw error;
  }
}

/** Makes the tree what is planned; why it cannot be, in words. */
async function prepareTree(
  run: Run,
  { dir, adjustments }: PlanRequest,
  binary: KnownBinary,
): Promise<string | undefined> {
  if (!existsSync(run.cwd)) return `There is no folder ${dir} in this commit`;
  // Terraform would believe what it says: which workspace is meant, which backend, which modules and providers are there.
  if ((await readdir(run.cwd)).includes('.terraform'))
    return `${posix.join(dir, '.terraform')} is in this commit, and only terraform init may make it: take it out first`;
  if (adjustments.length === 0) return undefined;
  const path = join(run.cwd, adjustmentsFile);
  if (existsSync(path)) return `${posix.join(dir, adjustmentsFile)} is in this commit: take it out first`;
  await writeFile(path, adjustmentBlocks(adjustments, binary), { flag: 'wx' });
  return undefined;
}

/**
 * Puts a kept `init` into the tree where there is one. Not where a program comes first, which may change what `init` is
 * about; and not without isolation, where any run could change what the next one gets.
 */
async function startWithKeptInit(
  run: Run,
  settings: RunSettings,
  request: PlanRequest,
  binary: KnownBinary,
): Promise<Progress> {
  const nothing = { warnings: [] };
  const { hooks, workflow } = request;
  const steps = [...hooks.prePlan, ...workflow.plan];
  const before = steps.slice(
    0,
    steps.findIndex(({ step }) => step === 'init'),
  );
  if (settings.isolation === 'none' || before.some(({ step }) => step === 'run')) return nothing;
  const variables = steps.flatMap((each) => (each.step === 'env' ? [[each.name, each.value]] : []));
  const key = await initKey(run.folder.tree, {
    dir: request.dir,
    binary: { path: binary.path, version: binary.version },
    args: extraArgs(workflow.plan, 'init'),
    workspace: request.workspace,
    providerMirror: settings.providerMirror,
    environment: { ...request.credentials.environment, ...Object.fromEntries(variables) },
  });
  if (key === undefined) return nothing;
  const warnings = await settings.cache.restore(key, run.cwd);
  if (warnings === undefined) {
    const downloaded = await settings.cache.downloaded(await lockFileHash(run.folder.tree, request.dir));
    if (downloaded !== undefined) run.installFrom(downloaded);
    return { warnings: [], kept: { key, state: 'wanted' } };
  }
  run.allow(settings.cache.providers(key));
  return { warnings: [...warnings], kept: { key, state: 'restored' } };
}

async function takeSteps(run: Run, around: PlanCircumstances): Promise<PlanOutcome> {
  const { hooks, workflow } = around.request;
  const steps: readonly WorkflowStep[] = [...hooks.prePlan, ...workflow.plan, ...hooks.postPlan];
  for (const step of steps) {
    const stop = await takePlanStep(run, step, around);
    if (stop !== undefined) return stop;
  }
  return conclude(run, around);
}

async function conclude(run: Run, { request, binary, progress }: PlanCircumstances): Promise<PlanOutcome> {
  const { warnings, hashes, instructions, treeAfterPlan, planFileHash, plan: made, kept } = progress;
  if (made === undefined || hashes === undefined)
    throw new Fault('bad-workflow', 'A workflow without plan or show', { retryable: false });
  const { tree } = run.folder;
  if (treeAfterPlan !== undefined && treeAfterPlan !== (await moduleTreeHash(tree, request.dir)))
    return failed(
      'before',
      'A step behind the plan changed files of the module',
      'What would be applied is then not what was planned. Let it write elsewhere, or put it in front of the plan.',
    );
  // Else it would say where the state is to a terraform that has the credentials to apply.
  if (instructions !== (await instructionsOf(run, request)))
    return failed(
      'before',
      'The plan changed files that terraform goes by',
      'Code that runs while it is planned, such as the program of an external data source, wrote to a source, a var file, the lock file or .terraform. It may write other files.',
    );
  const planFile = await readPlanFile(run);
  // Providers run while it is shown: what is kept is what was shown.
  if (fileHash(planFile) !== planFileHash)
    return failed('show', 'The plan file was changed while it was looked at');
  const note = {
    binary: { distribution: binary.distribution, version: binary.version },
    initArgs: extraArgs(request.workflow.plan, 'init'),
    apply: [...request.hooks.preApply, ...request.workflow.apply, ...request.hooks.postApply],
    ...(kept === undefined ? {} : { initKey: kept.key }),
    hidden: sensitiveValues(made),
  };
  await writeRunNote(run.folder, note, run.uid);
  return {
    kind: 'planned',
    plan: made,
    bundle: await packBundle(run.folder.path, ['tree', 'out', runNoteFile], run.uid),
    state: plannedState(planFile),
    terraformVersion: versionLabel(binary),
    warnings: [...withoutEffect(request.adjustments, made), ...warnings],
    ...hashes,
  };
}

function forPeople(line: OutputLine): OutputLine {
  return { ...line, text: textForPeople(readUiLine(line.text)) };
}
