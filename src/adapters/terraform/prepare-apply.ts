import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '#domain/fault.ts';
import { diagnosticsOf } from '#domain/plan/ui-line.ts';
import type { WorkflowStep } from '#domain/workflow.ts';
import type {
  ApplyPreparation,
  ApplyRequest,
  OutputLine,
  PreparedApply,
  StateBinding,
  StopReason,
} from '#app/ports/terraform.ts';
import { unpackBundle } from './bundle.ts';
import { refusedInRun } from './environment.ts';
import { needsProviders } from './module-tree.ts';
import { stateBinding } from './plan-file.ts';
import { refusePaths } from './request-paths.ts';
import { openRun } from './run.ts';
import type { Run, RunSettings } from './run.ts';
import { takeRunNote } from './run-note.ts';
import type { RunNote } from './run-note.ts';
import { erroredStateFile, runningApply } from './running-apply.ts';
import { around, extraArgs, stopInWords, takeStep } from './steps.ts';
import type { Stop } from './steps.ts';

const largestState = 512 * 1024 * 1024;

/** See `Terraform.prepareApply`. */
export async function prepareApply(
  settings: RunSettings,
  request: ApplyRequest,
  onLine: (line: OutputLine) => void,
): Promise<ApplyPreparation> {
  const { run, note, hasProviders } = await restore(settings, request, onLine);
  try {
    const stopped = hasProviders ? undefined : await restoreProviders(run, request.dir, note);
    if (stopped === undefined)
      return { kind: 'prepared', apply: await preparedApply(settings, run, note, request) };
    await run.release();
    return stopped;
  } catch (error) {
    await run.release();
    throw error;
  }
}

/** See `Terraform.readState`. */
export async function readState(settings: RunSettings, request: ApplyRequest): Promise<StateBinding> {
  const { run } = await restore(settings, request, () => undefined);
  try {
    return await pullState(run);
  } finally {
    await run.release();
  }
}

/** A run with the bundle where it was planned, and with the binary that planned it. */
async function restore(
  settings: RunSettings,
  request: ApplyRequest,
  onLine: (line: OutputLine) => void,
): Promise<{ run: Run; note: RunNote; hasProviders: boolean }> {
  const refused = refusePaths(request);
  if (refused !== undefined) throw new Fault('bad-apply-request', refused, { retryable: false });
  const run = await openRun(settings, { ...request, variables: {} }, onLine, new AbortController().signal);
  try {
    await unpackBundle(request.bundle, run.folder.path);
    const note = await takeRunNote(run.folder);
    // Found afterwards, it is taken for what this apply could not save.
    await rm(join(run.cwd, erroredStateFile), { recursive: true, force: true });
    run.use((await settings.binaries.find(note.binary)).path);
    run.hide(note.hidden);
    defineVariables(run, note, request);
    const hasProviders = await useKeptProviders(run, settings, note);
    await run.handOver();
    return { run, note, hasProviders };
  } catch (error) {
    await run.release();
    throw error;
  }
}

/** Also for what asks the backend only: where it finds it may be said by a variable. */
function defineVariables(run: Run, { apply }: RunNote, { credentials }: ApplyRequest): void {
  for (const step of around(apply, 'apply').before) {
    if (step.step !== 'env') continue;
    const refused = refusedInRun(step.name, credentials);
    if (refused !== undefined) throw new Fault('bad-workflow', refused, { retryable: false });
    run.define(step.name, step.value);
  }
}

/** Where this machine has kept them, terraform checks them against the lock file, as it does after an `init`. */
async function useKeptProviders(
  run: Run,
  { cache, isolation }: RunSettings,
  { initKey }: RunNote,
): Promise<boolean> {
  if (initKey === undefined || isolation === 'none') return false;
  if (!existsSync(join(run.cwd, '.terraform'))) return false;
  if (!(await cache.restoreProviders(initKey, run.cwd))) return false;
  run.allow(cache.providers(initKey));
  return true;
}

/** Modules and backend come with the bundle; providers do not, and only the locked ones may come back. */
async function restoreProviders(run: Run, dir: string, note: RunNote): Promise<Stop | undefined> {
  if (!(await needsProviders(run.folder.tree, dir))) return undefined;
  const argv = ['init', '-input=false', '-no-color', '-lockfile=readonly', '-get=false', ...note.initArgs];
  const { end, lines } = await run.terraform('init', argv);
  if (end.kind !== 'exited') return { kind: end.kind, step: 'init' };
  if (end.exitCode === 0) return undefined;
  return { kind: 'failed', step: 'init', exitCode: end.exitCode, diagnostics: diagnosticsOf(lines) };
}

async function preparedApply(
  { binaries }: RunSettings,
  run: Run,
  { apply }: RunNote,
  request: ApplyRequest,
): Promise<PreparedApply> {
  const { before, after } = around(apply, 'apply');
  const argv = [
    'apply',
    '-input=false',
    '-no-color',
    '-json',
    '-auto-approve',
    ...extraArgs(apply, 'apply'),
    run.folder.planFile,
  ];
  const env = {
    COUNTERSIGN_PHASE: 'apply',
    COUNTERSIGN_DIR: request.dir,
    COUNTERSIGN_WORKSPACE: request.workspace,
    COUNTERSIGN_PLAN_FILE: run.folder.planFile,
  };
  return {
    command: await run.command(argv, { diesWithParent: false }),
    scrub: run.scrub,
    runBefore: async () => takeAll(run, before, env),
    async runAfter(exitCode) {
      run.renewLimits();
      return takeAll(run, after, { ...env, COUNTERSIGN_EXIT_CODE: String(exitCode ?? '') });
    },
    async readState() {
      run.renewLimits();
      return pullState(run);
    },
    ...runningApply(run.folder.path, request.dir, binaries.paths),
    release: run.release,
  };
}

/** Takes the steps that are not terraform's own, up to the first that fails; the reason in words. */
async function takeAll(
  run: Run,
  steps: readonly WorkflowStep[],
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  for (const step of steps) {
    if (step.step !== 'run') continue;
    const stop = await takeStep(run, step, env);
    if (stop !== undefined) return stopInWords(stop);
  }
  return undefined;
}

async function pullState(run: Run): Promise<StateBinding> {
  const { end, lines } = await run.terraform('state', ['state', 'pull'], { bytes: largestState });
  if (end.kind === 'exited' && end.exitCode === 0) return stateBinding(end.stdout);
  const why = end.kind === 'exited' ? saidOf(lines) : WORDS[end.kind];
  throw new Fault('state-unreadable', `the state could not be read: ${why}`, { retryable: true });
}

function saidOf(lines: readonly string[]): string {
  const [said] = diagnosticsOf(lines);
  return said === undefined ? 'terraform said nothing of why' : said.detail || said.summary;
}

const WORDS: Readonly<Record<StopReason, string>> = {
  'timed-out': 'its backend did not answer in time',
  'output-limit': 'it is larger than the limit',
  'memory-limit': 'it took more memory than the limit',
  cancelled: 'it was given up',
};
