import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';
import { Fault } from '#domain/fault.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { sensitiveValues } from '#domain/plan/secret-values.ts';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import { diagnosticsOf, readUiLine, textForPeople, warningsOf } from '#domain/plan/ui-line.ts';
import type { WorkflowStep } from '#domain/workflow.ts';
import type { FailedStep, OutputLine, PlanOutcome, PlanRequest } from '#app/ports/terraform.ts';
import {
  adjustmentBlocks,
  adjustmentsFile,
  refuseAdjustments,
  withAdvice,
  withoutEffect,
} from './adjustments.ts';
import { isAtLeast, versionLabel } from './binaries.ts';
import type { KnownBinary } from './binaries.ts';
import { packBundle } from './bundle.ts';
import { lockFileHash, moduleTreeHash } from './module-tree.ts';
import { plannedState } from './plan-file.ts';
import { parsePlanJson } from './plan-json.ts';
import { refusePaths } from './request-paths.ts';
import { openRun } from './run.ts';
import type { Run, RunSettings } from './run.ts';
import type { ProcessEnd } from './run-process.ts';
import { runNoteFile, writeRunNote } from './run-note.ts';
import { UnsafeTree, inspectTree, readInside } from './run-tree.ts';
import { extraArgs, failed, refuseWorkflow, takeStep } from './steps.ts';
import type { Stop } from './steps.ts';

/** The whole plan file is read into memory to find the state it was made against. */
const largestPlanFile = 512 * 1024 * 1024;

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
    await run.handOver();
    return await takeSteps(run, request, binary);
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
  if (adjustments.length === 0) return undefined;
  const path = join(run.cwd, adjustmentsFile);
  if (existsSync(path)) return `${posix.join(dir, adjustmentsFile)} is in this commit: take it out first`;
  await writeFile(path, adjustmentBlocks(adjustments, binary), { flag: 'wx' });
  return undefined;
}

/** What has been found out so far. */
interface Progress {
  warnings: Diagnostic[];
  hashes?: { moduleTreeHash: string; lockFileHash: string };
  /** Of the module tree when `plan` had ended, where programs come after it. */
  treeAfterPlan?: string;
  plan?: Plan;
}

async function takeSteps(run: Run, request: PlanRequest, binary: KnownBinary): Promise<PlanOutcome> {
  const { hooks, workflow } = request;
  const progress: Progress = { warnings: [] };
  const steps: readonly WorkflowStep[] = [...hooks.prePlan, ...workflow.plan, ...hooks.postPlan];
  for (const step of steps) {
    const stop = await take(run, step, { request, binary, progress });
    if (stop !== undefined) return stop;
  }
  return conclude(run, request, binary, progress);
}

interface Circumstances {
  request: PlanRequest;
  binary: KnownBinary;
  progress: Progress;
}

async function take(run: Run, step: WorkflowStep, around: Circumstances): Promise<Stop | undefined> {
  switch (step.step) {
    case 'init':
      return init(run, step.extraArgs, around);
    case 'plan':
      return plan(run, step.extraArgs, around);
    case 'show':
      return show(run, around);
    case 'check': // Checks look at the redacted plan, when the run is over.
    case 'apply': // A workflow's plan has none.
      return undefined;
    case 'env':
    case 'run':
      return takeStep(run, step, programEnv(run, around));
  }
}

async function init(
  run: Run,
  args: readonly string[],
  { request, binary, progress }: Circumstances,
): Promise<Stop | undefined> {
  const ended = await run.terraform('init', await initArgs(run, request.dir, args, binary));
  if (!isSuccess(ended.end, [0])) return unsuccessful('init', ended, request.dir);
  progress.warnings.push(...warningsOf(ended.lines));
  return undefined;
}

async function initArgs(
  run: Run,
  dir: string,
  args: readonly string[],
  binary: KnownBinary,
): Promise<string[]> {
  const locked =
    (await readInside(run.folder.tree, join(dir, '.terraform.lock.hcl'), largestPlanFile)) !== undefined;
  return [
    'init',
    '-input=false',
    '-no-color',
    ...(isAtLeast(binary, { terraform: '1.9.0', tofu: '1.7.0' }) ? ['-json'] : []),
    ...(locked ? ['-lockfile=readonly'] : []),
    ...args,
  ];
}

async function plan(
  run: Run,
  args: readonly string[],
  { request, progress }: Circumstances,
): Promise<Stop | undefined> {
  const { tree } = run.folder;
  // As late as can be: what programs generated is part of what is planned.
  progress.hashes = {
    moduleTreeHash: await moduleTreeHash(tree, request.dir),
    lockFileHash: await lockFileHash(tree, request.dir),
  };
  const ended = await run.terraform('plan', [
    'plan',
    '-input=false',
    '-no-color',
    '-json',
    '-lock=false',
    '-detailed-exitcode',
    `-out=${run.folder.planFile}`,
    ...request.varFiles.map((file) => `-var-file=${relative(run.cwd, join(tree, file))}`),
    ...args,
  ]);
  if (!isSuccess(ended.end, [0, 2])) return unsuccessful('plan', ended, request.dir);
  progress.warnings.push(...warningsOf(ended.lines));
  if (hasProgramsAfterPlan(request)) progress.treeAfterPlan = await moduleTreeHash(tree, request.dir);
  return undefined;
}

async function show(run: Run, { request, progress }: Circumstances): Promise<Stop | undefined> {
  const collect = { bytes: request.limits.planJsonBytes };
  const ended = await run.terraform('show', ['show', '-json', '-no-color', run.folder.planFile], collect);
  if (ended.end.kind !== 'exited' || ended.end.exitCode !== 0)
    return unsuccessful('show', ended, request.dir);
  progress.plan = parsePlanJson(ended.end.stdout);
  if (hasProgramsAfterPlan(request)) await run.folder.place(planJsonFile, ended.end.stdout, run.uid);
  return undefined;
}

/** For programs that look at the plan; not part of the bundle. */
const planJsonFile = 'plan.json';

function programEnv(run: Run, { request, progress }: Circumstances): Record<string, string> {
  return {
    COUNTERSIGN_PHASE: 'plan',
    COUNTERSIGN_DIR: request.dir,
    COUNTERSIGN_WORKSPACE: request.workspace,
    ...(progress.hashes === undefined ? {} : { COUNTERSIGN_PLAN_FILE: run.folder.planFile }),
    ...(progress.plan === undefined ? {} : { COUNTERSIGN_PLAN_JSON: join(run.folder.path, planJsonFile) }),
  };
}

function hasProgramsAfterPlan({ hooks, workflow }: PlanRequest): boolean {
  const at = workflow.plan.findIndex(({ step }) => step === 'plan');
  return [...workflow.plan.slice(at), ...hooks.postPlan].some(({ step }) => step === 'run');
}

async function conclude(
  run: Run,
  request: PlanRequest,
  binary: KnownBinary,
  { warnings, hashes, treeAfterPlan, plan: made }: Progress,
): Promise<PlanOutcome> {
  if (made === undefined || hashes === undefined)
    throw new Fault('bad-workflow', 'A workflow without plan or show', { retryable: false });
  const { tree } = run.folder;
  if (treeAfterPlan !== undefined && treeAfterPlan !== (await moduleTreeHash(tree, request.dir)))
    return failed(
      'before',
      'A step behind the plan changed files of the module',
      'What would be applied is then not what was planned. Let it write elsewhere, or put it in front of the plan.',
    );
  const planFile = await readInside(run.folder.path, run.folder.planFile, largestPlanFile);
  if (planFile === undefined) throw new UnsafeTree('terraform made no plan file');
  const note = {
    binary: { distribution: binary.distribution, version: binary.version },
    initArgs: extraArgs(request.workflow.plan, 'init'),
    apply: [...request.hooks.preApply, ...request.workflow.apply, ...request.hooks.postApply],
    hidden: sensitiveValues(made),
  };
  await writeRunNote(run.folder, note, run.uid);
  return {
    kind: 'planned',
    plan: made,
    bundle: await packBundle(run.folder.path, ['tree', 'out', runNoteFile], run.uid),
    state: plannedState(planFile),
    terraformVersion: versionLabel(binary),
    warnings: [
      ...withoutEffect(request.adjustments, made),
      ...warnings.map((each) => inRepository(each, request.dir)),
    ],
    ...hashes,
  };
}

function isSuccess(end: ProcessEnd, codes: readonly number[]): boolean {
  return end.kind === 'exited' && end.exitCode !== undefined && codes.includes(end.exitCode);
}

function unsuccessful(
  step: FailedStep,
  { end, lines }: { end: ProcessEnd; lines: readonly string[] },
  dir: string,
): Stop {
  if (end.kind !== 'exited') return { kind: end.kind, step };
  const diagnostics = diagnosticsOf(lines).map((each) => withAdvice(inRepository(each, dir)));
  return { kind: 'failed', step, exitCode: end.exitCode, diagnostics };
}

/** Terraform names files from where it runs, people from the repository's root. */
function inRepository(diagnostic: Diagnostic, dir: string): Diagnostic {
  const { file } = diagnostic;
  return file === undefined || file.startsWith('/')
    ? diagnostic
    : { ...diagnostic, file: posix.join(dir, file) };
}

function forPeople(line: OutputLine): OutputLine {
  return { ...line, text: textForPeople(readUiLine(line.text)) };
}
