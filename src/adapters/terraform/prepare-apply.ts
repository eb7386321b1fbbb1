import { Fault } from '#domain/fault.ts';
import { sensitiveValues } from '#domain/plan/secret-values.ts';
import { diagnosticsOf } from '#domain/plan/ui-line.ts';
import type { ApplyPreparation, ApplyRequest, OutputLine, PreparedApply } from '#app/ports/terraform.ts';
import { unpackBundle } from './bundle.ts';
import { needsProviders } from './module-tree.ts';
import { stateBinding } from './plan-file.ts';
import { parsePlanJson } from './plan-json.ts';
import { refusePaths } from './request-paths.ts';
import { openRun } from './run.ts';
import type { Run, RunSettings } from './run.ts';
import { runningApply } from './running-apply.ts';

const largestState = 512 * 1024 * 1024;

/** See `Terraform.prepareApply`. */
export async function prepareApply(
  settings: RunSettings,
  request: ApplyRequest,
  onLine: (line: OutputLine) => void,
): Promise<ApplyPreparation> {
  const refused = refusePaths(request);
  if (refused !== undefined) throw new Fault('bad-apply-request', refused, { retryable: false });
  const run = await openRun(settings, { ...request, variables: {} }, onLine, new AbortController().signal);
  try {
    await unpackBundle(request.bundle, run.folder.path);
    await run.handOver();
    const stopped = (await restoreProviders(run, request.dir)) ?? (await hideSensitive(run, request));
    if (stopped === undefined)
      return { kind: 'prepared', apply: await preparedApply(run, request.dir, settings.binary) };
    await run.release();
    return stopped;
  } catch (error) {
    await run.release();
    throw error;
  }
}

/** Modules and backend come with the bundle; providers do not, and only the locked ones may come back. */
async function restoreProviders(run: Run, dir: string): Promise<ApplyPreparation | undefined> {
  if (!(await needsProviders(run.folder.tree, dir))) return undefined;
  const argv = ['init', '-input=false', '-no-color', '-lockfile=readonly', '-get=false'];
  const { end, lines } = await run.terraform('init', argv);
  if (end.kind !== 'exited') return { kind: end.kind, step: 'init' };
  if (end.exitCode === 0) return undefined;
  return { kind: 'failed', step: 'init', exitCode: end.exitCode, diagnostics: diagnosticsOf(lines) };
}

/**
 * Learns from the plan file which values may not be shown. Terraform masks them in most of what it prints, but neither in
 * the error of a failed provisioner nor where a computed attribute dropped the mark.
 */
async function hideSensitive(run: Run, { limits }: ApplyRequest): Promise<ApplyPreparation | undefined> {
  const argv = ['show', '-json', '-no-color', run.folder.planFile];
  const { end, lines } = await run.terraform('show', argv, { bytes: limits.planJsonBytes });
  if (end.kind !== 'exited') return { kind: end.kind, step: 'show' };
  if (end.exitCode !== 0)
    return { kind: 'failed', step: 'show', exitCode: end.exitCode, diagnostics: diagnosticsOf(lines) };
  run.hide(sensitiveValues(parsePlanJson(end.stdout)));
  return undefined;
}

async function preparedApply(run: Run, dir: string, binary: string): Promise<PreparedApply> {
  const apply = ['apply', '-input=false', '-no-color', '-json', '-auto-approve', run.folder.planFile];
  return {
    command: await run.command(apply, { diesWithParent: false }),
    scrub: run.scrub,
    async readState() {
      run.renewLimits();
      const { end, lines } = await run.terraform('state', ['state', 'pull'], { bytes: largestState });
      if (end.kind === 'exited' && end.exitCode === 0) return stateBinding(end.stdout);
      const why = end.kind === 'exited' ? diagnosticsOf(lines)[0]?.detail : end.kind;
      throw new Fault('state-unreadable', `The state cannot be read: ${why}`, { retryable: true });
    },
    ...runningApply(run.folder.path, dir, binary),
    release: run.release,
  };
}
