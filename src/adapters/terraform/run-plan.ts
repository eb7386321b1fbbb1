import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { diagnosticsOf, readUiLine, textForPeople } from '#domain/plan/ui-line.ts';
import type { OutputLine, PlanOutcome, PlanRequest } from '#app/ports/terraform.ts';
import { packBundle } from './bundle.ts';
import { lockFileHash, moduleTreeHash } from './module-tree.ts';
import { plannedState } from './plan-file.ts';
import { parsePlanJson } from './plan-json.ts';
import { refusePaths } from './request-paths.ts';
import { openRun } from './run.ts';
import type { Run, RunSettings } from './run.ts';
import type { ProcessEnd } from './run-process.ts';
import { UnsafeTree, inspectTree, readInside } from './run-tree.ts';

/** The whole plan file is read into memory to find the state it was made against. */
const largestPlanFile = 512 * 1024 * 1024;

/** See `Terraform.plan`. */
export async function runPlan(
  settings: RunSettings,
  request: PlanRequest,
  onLine: (line: OutputLine) => void,
  signal: AbortSignal,
): Promise<PlanOutcome> {
  const refused = refusePaths(request);
  if (refused !== undefined) return failed('init', refused);
  const run = await openRun(settings, request, (line) => onLine(forPeople(line)), signal);
  try {
    await request.materialize(run.folder.tree);
    await inspectTree(run.folder.tree, {});
    if (!existsSync(run.cwd)) return failed('init', `There is no folder ${request.dir} in this commit`);
    await run.handOver();
    return await initPlanShow(run, request);
  } catch (error) {
    if (error instanceof UnsafeTree) return failed('init', `Refused: ${error.message}`);
    throw error;
  } finally {
    await run.release();
  }
}

async function initPlanShow(run: Run, request: PlanRequest): Promise<PlanOutcome> {
  const { tree } = run.folder;
  const locked =
    (await readInside(tree, join(request.dir, '.terraform.lock.hcl'), largestPlanFile)) !== undefined;
  const init = await run.terraform('init', [
    'init',
    '-input=false',
    '-no-color',
    ...(locked ? ['-lockfile=readonly'] : []),
  ]);
  if (!isSuccess(init.end, [0])) return unsuccessful('init', init);
  const hashes = {
    moduleTreeHash: await moduleTreeHash(tree, request.dir),
    lockFileHash: await lockFileHash(tree, request.dir),
  };

  const planned = await run.terraform('plan', [
    'plan',
    '-input=false',
    '-no-color',
    '-json',
    '-lock=false',
    '-detailed-exitcode',
    `-out=${run.folder.planFile}`,
    ...request.varFiles.map((file) => `-var-file=${relative(run.cwd, join(tree, file))}`),
  ]);
  if (!isSuccess(planned.end, [0, 2])) return unsuccessful('plan', planned);

  const collect = { bytes: request.limits.planJsonBytes };
  const shown = await run.terraform('show', ['show', '-json', '-no-color', run.folder.planFile], collect);
  if (shown.end.kind !== 'exited' || shown.end.exitCode !== 0) return unsuccessful('show', shown);

  const plan = parsePlanJson(shown.end.stdout);
  const planFile = await readInside(run.folder.path, run.folder.planFile, largestPlanFile);
  if (planFile === undefined) throw new UnsafeTree('terraform made no plan file');
  return {
    kind: 'planned',
    plan,
    bundle: await packBundle(run.folder.path, ['tree', 'out'], run.uid),
    state: plannedState(planFile),
    terraformVersion: plan.terraform_version,
    ...hashes,
  };
}

function isSuccess(end: ProcessEnd, codes: readonly number[]): boolean {
  return end.kind === 'exited' && end.exitCode !== undefined && codes.includes(end.exitCode);
}

function unsuccessful(
  step: 'init' | 'plan' | 'show',
  { end, lines }: { end: ProcessEnd; lines: readonly string[] },
): PlanOutcome {
  if (end.kind !== 'exited') return { kind: end.kind, step };
  return { kind: 'failed', step, exitCode: end.exitCode, diagnostics: diagnosticsOf(lines) };
}

function failed(step: 'init', summary: string): PlanOutcome {
  return {
    kind: 'failed',
    step,
    exitCode: undefined,
    diagnostics: [{ severity: 'error', summary, detail: '' }],
  };
}

function forPeople(line: OutputLine): OutputLine {
  return { ...line, text: textForPeople(readUiLine(line.text)) };
}
