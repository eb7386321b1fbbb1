import type { FailedStep, RunStep, StopReason } from '#app/ports/terraform.ts';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import type { Workflow, WorkflowStep } from '#domain/workflow.ts';
import { Fault } from '#domain/fault.ts';
import { workflowProblems } from '#domain/workflow-rules.ts';
import { refusedInRun } from './environment.ts';
import type { Run, RunNeeds } from './run.ts';
import type { ProcessEnd } from './run-process.ts';

/** How a step stopped a run. */
export type Stop = Failure | { kind: StopReason; step: FailedStep };

interface Failure {
  kind: 'failed';
  step: FailedStep;
  exitCode: number | undefined;
  diagnostics: Diagnostic[];
}

/** Where and why, in one line. */
export function stopInWords(stop: Stop): string {
  const where = typeof stop.step === 'string' ? `terraform ${stop.step}` : `step "${stop.step.run}"`;
  if (stop.kind !== 'failed') return `${where}: ${stop.kind}`;
  const summary = stop.diagnostics[0]?.summary ?? 'failed';
  return typeof stop.step === 'string' && stop.step !== 'before' ? `${where} failed: ${summary}` : summary;
}

/** A failure that needs no more than a sentence. */
export function failed(step: FailedStep, summary: string, detail = ''): Failure {
  return {
    kind: 'failed',
    step,
    exitCode: undefined,
    diagnostics: [{ severity: 'error', summary, detail }],
  };
}

/** Why the workflow cannot be run as it is; what it may hold was checked when it was read, and is checked again here. */
export function refuseWorkflow(
  workflow: Pick<Workflow, 'plan' | 'apply'>,
  { credentials }: Pick<RunNeeds, 'credentials'>,
): string | undefined {
  const variables = [...workflow.plan, ...workflow.apply].flatMap((each) =>
    each.step === 'env' ? (refusedInRun(each.name, credentials) ?? []) : [],
  );
  return [...workflowProblems(workflow), ...variables][0];
}

/** Takes a step that is not terraform's own: sets its variable, or runs its program. */
export async function takeStep(
  run: Run,
  step: Extract<WorkflowStep, { step: 'env' | 'run' }>,
  env: Readonly<Record<string, string>>,
): Promise<Stop | undefined> {
  if (step.step === 'env') {
    run.define(step.name, step.value);
    return undefined;
  }
  const { end, lines } = await run.program(step.command, { env, output: step.output });
  return programStop(step, end, lines);
}

function programStop({ name, output }: RunStep, end: ProcessEnd, lines: readonly string[]): Stop | undefined {
  const step = { run: name };
  if (end.kind !== 'exited') return { kind: end.kind, step };
  if (end.exitCode === 0) return undefined;
  const how =
    end.exitCode === undefined ? 'did not start, or was ended' : `ended with exit code ${end.exitCode}`;
  const detail = output === 'show' ? lines.slice(-20).join('\n') : 'Its output is hidden.';
  return { ...failed(step, `Step "${name}" ${how}`, detail), exitCode: end.exitCode };
}

/** The extra arguments of one of a workflow's own steps. */
export function extraArgs(
  steps: readonly WorkflowStep[],
  name: Exclude<WorkflowStep['step'], 'env' | 'run'>,
): readonly string[] {
  return steps.flatMap((each) => (each.step === name && 'extraArgs' in each ? each.extraArgs : []));
}

/** Where in a workflow its own step stands. */
export function around(
  steps: readonly WorkflowStep[],
  name: Exclude<WorkflowStep['step'], 'env' | 'run'>,
): { before: readonly WorkflowStep[]; after: readonly WorkflowStep[] } {
  const at = steps.findIndex(({ step }) => step === name);
  if (at < 0) throw new Fault('bad-workflow', `A workflow without ${name}`, { retryable: false });
  return { before: steps.slice(0, at), after: steps.slice(at + 1) };
}
