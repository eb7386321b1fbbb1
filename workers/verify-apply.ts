import type { PlannedOutcome, PlanOutcome } from '#app/ports/terraform.ts';
import type { Change, Verification, VerificationResult } from '#domain/change.ts';
import { Fault } from '#domain/fault.ts';
import { isNoise } from '#domain/plan/noise.ts';
import { redactPlan } from '#domain/plan/redact.ts';
import { hasChanges, summarizePlan } from '#domain/plan/summarize.ts';
import type { Project } from '#domain/project.ts';
import { type Configured, configuredProject } from './configured-project.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { planRequest } from './plan-request.ts';

interface Payload {
  project: string;
  attemptId: string;
}

/** So often it is tried, within a quarter of an hour or as many time limits: longer the ticket does not wait for it. */
const MOST_TRIES = 20;

/** As many are named; how many there are is counted. */
const MOST_NAMED = 20;

/**
 * Plans what was applied once more, at the same commit and as it is configured: nothing may be left to do. Tag and merge
 * do not wait for it; the ticket does, and says what came of it.
 */
export async function verifyApply(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const { attemptId } = job.payload;
  const change = await changeOf(context, job);
  const verification = change.verifications?.find((each) => each.attemptId === attemptId);
  const project = change.projects.find(({ key }) => key === job.payload.project);
  if (verification?.result.kind !== 'running' || project === undefined) return undefined;
  const result = await inTime(context, job, () => verify(context, job, change, project, verification));
  return { fact: { type: 'apply-verified', project: project.key, attemptId, result } };
}

/** What can never be planned, or cannot for too long, is said on the ticket as well: it is not kept open for that. */
async function inTime(
  { ledger }: WorkerContext,
  { lease: { tries }, signal }: Job<Payload>,
  work: () => Promise<VerificationResult>,
): Promise<VerificationResult> {
  const failed = async (reason: string): Promise<VerificationResult> => ({
    kind: 'failed',
    at: await ledger.now(),
    reason,
  });
  if (tries > MOST_TRIES) return failed(`it was tried ${MOST_TRIES} times in vain`);
  try {
    return await work();
  } catch (error) {
    const isFinal = error instanceof Fault && (!error.retryable || tries === MOST_TRIES);
    if (!isFinal || signal.aborted) throw error;
    return failed(error.message);
  }
}

async function verify(
  context: WorkerContext,
  job: Job<Payload>,
  change: Change,
  project: Project,
  verification: Verification,
): Promise<VerificationResult> {
  const configured = await configuredProject(context, change, project.key);
  const request = await planRequest(context, change, project, configured);
  // What a comment asked for beside the code has been done to the state by now.
  const outcome = await context.terraform.plan({ ...request, adjustments: [] }, () => undefined, job.signal);
  const at = await context.ledger.now();
  if (outcome.kind !== 'planned') return { kind: 'failed', at, reason: whyNot(outcome) };
  return judge(outcome, configured, request.credentials.secrets, verification, at);
}

function judge(
  outcome: PlannedOutcome,
  configured: Configured,
  secrets: readonly string[],
  { serialAfter }: Verification,
  at: string,
): VerificationResult {
  const summary = summarizePlan(redactPlan(outcome.plan, secrets));
  const { volatile } = configured.catalogue.repository;
  const left = summary.resources.filter((each) => !isNoise(each, volatile));
  const isClean = !hasChanges({ ...summary, resources: left });
  if (isClean) return { kind: 'clean', at };
  const isOurs =
    serialAfter === undefined || (outcome.state !== 'none' && outcome.state.serial === serialAfter);
  if (!isOurs) return { kind: 'moved-on', at };
  const differing = [
    ...left.map(({ address }) => address),
    ...summary.outputs.map(({ name }) => `output.${name}`),
  ];
  return {
    kind: 'differs',
    at,
    counts: summary.counts,
    differing: differing.slice(0, MOST_NAMED),
    found: differing.length,
  };
}

function whyNot(outcome: Exclude<PlanOutcome, PlannedOutcome>): string {
  const where = typeof outcome.step === 'string' ? outcome.step : `step "${outcome.step.run}"`;
  if (outcome.kind !== 'failed') return `${where}: ${outcome.kind}`;
  const first = outcome.diagnostics.find(({ severity }) => severity === 'error');
  return `${where} failed${first === undefined ? '' : `: ${first.summary}`}`;
}
