import { createHash } from 'node:crypto';
import { join, posix, relative } from 'node:path';
import type { FailedStep, PlanRequest } from '#app/ports/terraform.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { diagnosticsOf, warningsOf } from '#domain/plan/ui-line.ts';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import type { WorkflowStep } from '#domain/workflow.ts';
import { withAdvice } from './adjustments.ts';
import { isAtLeast } from './binaries.ts';
import type { KnownBinary } from './binaries.ts';
import type { InitCache } from './init-cache.ts';
import { backendFiles } from './init-key.ts';
import { instructionsHash, lockedProviders, lockFileHash, moduleTreeHash } from './module-tree.ts';
import { parsePlanJson } from './plan-json.ts';
import type { Run } from './run.ts';
import type { ProcessEnd } from './run-process.ts';
import { readInside, UnsafeTree } from './run-tree.ts';
import { extraArgs, takeStep } from './steps.ts';
import type { Stop } from './steps.ts';

/** What a plan run has found out so far. */
export interface Progress {
  /** The kept `init` that this run may use: `restored`, or to be `filled` by it. */
  kept?: { key: string; state: 'restored' | 'wanted' };
  warnings: Diagnostic[];
  hashes?: { moduleTreeHash: string; lockFileHash: string; providers: Record<string, string> };
  /** What terraform was told by files when `plan` began. */
  instructions?: string;
  /** Of the module tree when `plan` had ended, where programs come after it. */
  treeAfterPlan?: string;
  /** SHA-256 (hex) of the plan file when `plan` had ended. */
  planFileHash?: string;
  plan?: Plan;
}

export interface PlanCircumstances {
  request: PlanRequest;
  binary: KnownBinary;
  cache: InitCache;
  progress: Progress;
}

/** Takes one step of the workflow, or of the hooks around it; how it stopped the run, when it did. */
export async function takePlanStep(
  run: Run,
  step: WorkflowStep,
  around: PlanCircumstances,
): Promise<Stop | undefined> {
  switch (step.step) {
    case 'init':
      return init(run, around);
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

async function init(run: Run, around: PlanCircumstances): Promise<Stop | undefined> {
  const { request, binary, cache, progress } = around;
  if (progress.kept?.state === 'restored') {
    run.say('init', 'Initialized by an earlier run: nothing that init looks at has changed since.');
    return undefined;
  }
  const { tree } = run.folder;
  const lock = join(request.dir, '.terraform.lock.hcl');
  const locked = (await readInside(tree, lock, largestLock)) !== undefined;
  const lockHash = await lockFileHash(tree, request.dir);
  const ended = await run.terraform('init', initArgs(request, binary, locked));
  if (!isSuccess(ended.end, [0])) return unsuccessful('init', ended, request.dir);
  const warnings = warningsOf(ended.lines).map((each) => inRepository(each, request.dir));
  progress.warnings.push(...warnings);
  const key = progress.kept?.key;
  if (key !== undefined) {
    await cache.keep(key, { tree, dir: request.dir, lockHash, warnings });
  }
  return undefined;
}

function initArgs(request: PlanRequest, binary: KnownBinary, locked: boolean): string[] {
  return [
    'init',
    '-input=false',
    '-no-color',
    ...(isAtLeast(binary, { terraform: '1.9.0', tofu: '1.7.0' }) ? ['-json'] : []),
    ...(locked ? ['-lockfile=readonly'] : []),
    ...extraArgs(request.workflow.plan, 'init'),
  ];
}

const largestLock = 16 * 1024 * 1024;

async function plan(run: Run, args: readonly string[], around: PlanCircumstances): Promise<Stop | undefined> {
  const { request, progress } = around;
  const { tree } = run.folder;
  // As late as can be: what programs generated is part of what is planned.
  progress.hashes = {
    moduleTreeHash: await moduleTreeHash(tree, request.dir),
    lockFileHash: await lockFileHash(tree, request.dir),
    providers: await lockedProviders(tree, request.dir),
  };
  progress.instructions = await instructionsOf(run, request);
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
  if (!isSuccess(ended.end, [0, 2])) {
    const stop = unsuccessful('plan', ended, request.dir);
    return (await isInitAgain(run, stop, around)) ? plan(run, args, around) : stop;
  }
  progress.warnings.push(...warningsOf(ended.lines).map((each) => inRepository(each, request.dir)));
  progress.planFileHash = fileHash(await readPlanFile(run));
  if (hasProgramsAfterPlan(request)) progress.treeAfterPlan = await moduleTreeHash(tree, request.dir);
  return undefined;
}

/** The saved plan. The whole of it is read into memory, to find the state it was made against. */
export async function readPlanFile({ folder }: Run): Promise<Buffer> {
  const planFile = await readInside(folder.path, folder.planFile, largestPlanFile);
  if (planFile === undefined) throw new UnsafeTree('terraform made no plan file');
  return planFile;
}

const largestPlanFile = 512 * 1024 * 1024;

export function fileHash(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What terraform goes by, here and when it is applied. */
export function instructionsOf({ folder }: Run, { dir, workflow }: PlanRequest): Promise<string> {
  return instructionsHash(folder.tree, dir, backendFiles(extraArgs(workflow.plan, 'init')));
}

/** Whether terraform asked for an `init` where a kept one was used, and it has been done: the entry was not as good as its key. */
async function isInitAgain(run: Run, stop: Stop, around: PlanCircumstances): Promise<boolean> {
  const { cache, progress } = around;
  const asks =
    stop.kind === 'failed' && /\b(?:terraform|tofu) init\b/u.test(JSON.stringify(stop.diagnostics));
  if (!asks || progress.kept?.state !== 'restored') return false;
  // By the run itself: what it has in its folder by now is not the service's to follow.
  await run.program(['rm', '-rf', '.terraform'], { env: {}, output: 'hide' });
  await cache.forget(progress.kept.key);
  // Nor is it kept: the plan has run code of the merge request, which may have changed what this init is about.
  delete progress.kept;
  return (await init(run, around)) === undefined;
}

async function show(run: Run, { request, progress }: PlanCircumstances): Promise<Stop | undefined> {
  const collect = { bytes: request.limits.planJsonBytes };
  const ended = await run.terraform('show', ['show', '-json', '-no-color', run.folder.planFile], collect);
  if (!isSuccess(ended.end, [0])) return unsuccessful('show', ended, request.dir);
  const printed = ended.end.kind === 'exited' ? ended.end.stdout : '';
  progress.plan = parsePlanJson(printed);
  if (hasProgramsAfterPlan(request)) await run.folder.place(planJsonFile, printed, run.uid);
  return undefined;
}

/** For programs that look at the plan; not part of the bundle. */
const planJsonFile = 'plan.json';

function programEnv(run: Run, { request, progress }: PlanCircumstances): Record<string, string> {
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
