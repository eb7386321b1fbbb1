import type { FailedStep, PlannedOutcome, PlanOutcome } from '#app/ports/terraform.ts';
import type { Change } from '#domain/change.ts';
import type { Planning } from '#domain/project.ts';
import { checkRef } from '#domain/checks.ts';
import { Fault } from '#domain/fault.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import { planDigest } from '#domain/plan/digest.ts';
import { redactPlan } from '#domain/plan/redact.ts';
import { renderPlan } from '#domain/plan/render.ts';
import { hasChanges, summarizePlan } from '#domain/plan/summarize.ts';
import { type Configured, configuredProject } from './configured-project.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { decideDemand } from './decide-demand.ts';
import { planRequest } from './plan-request.ts';
import { reserveProjects } from './reserve-projects.ts';
import { collectOutput } from './run-output.ts';
import { whoIsWho } from './who-is-who.ts';

/** How often a running plan asks whether anybody still wants it. */
const WANTED_EVERY_MS = 1_000;

interface Payload {
  project: string;
  planRunId: string;
}

/**
 * Plans one project at one revision: work tree of the exact commit, init, plan, show; then digest, redaction, checks,
 * and the bundle into the plan store. The plan in clear does not outlive this function.
 */
export async function runPlan(context: WorkerContext, job: Job<Payload>): Promise<Conclusion> {
  const { planRunId } = job.payload;
  const change = await changeOf(context, job);
  const project = change.projects.find((each) => each.status === 'planning' && each.planRunId === planRunId);
  if (project?.status !== 'planning') return undefined;
  const reservation = await reserveProjects(context, change, project);
  if (!reservation.ok) return reservation.wait;
  if (!(await context.ledger.startPlanRun(planRunId))) return undefined;
  const configured = await configuredOr(() => configuredProject(context, change, project.key));
  if (typeof configured === 'string') return failed(project, configured);
  const conclusion = await planAsConfigured(context, job, change, project, configured);
  return conclusion === undefined ? undefined : withConfiguration(conclusion, configured);
}

async function planAsConfigured(
  context: WorkerContext,
  job: Job<Payload>,
  change: Change,
  project: Planning,
  configured: Configured,
): Promise<Conclusion> {
  const startedAt = performance.now();
  const [misplaced] = configured.project.stateProblems;
  if (misplaced !== undefined) {
    const diagnostics = configured.project.stateProblems.map((each) => ({ severity: 'error', ...each }));
    return failed(project, misplaced.summary, diagnostics);
  }
  const outcome = await plan(context, job, change, project, configured);
  const seconds = (performance.now() - startedAt) / 1000;
  const where = 'step' in outcome ? nameOf(outcome.step, configured) : '';
  switch (outcome.kind) {
    case 'planned':
      return planned(context, job, change, project, configured, outcome, { seconds });
    case 'cancelled':
      return undefined;
    case 'failed': {
      const first = outcome.diagnostics.find(({ severity }) => severity === 'error')?.summary;
      return failed(project, failureReason(outcome.step, where, first), outcome.diagnostics);
    }
    case 'timed-out':
      return failed(project, `${where} took longer than ${context.settings.limits('plan').wallMs / 1000} s`);
    case 'output-limit':
      return failed(project, `${where} printed more than it may`);
    case 'memory-limit':
      return failed(project, `${where} used more memory than it may`);
  }
}

/** Whatever came of it, people may see what it was configured by. */
function withConfiguration(
  conclusion: NonNullable<Conclusion>,
  { project: { origins } }: Configured,
): Conclusion {
  const { attachment } = conclusion;
  return {
    ...conclusion,
    attachment: { ...attachment, planRun: { ...attachment?.planRun, configuration: origins } },
  };
}

/** What no further try would tell otherwise, such as a project that is governed no more, is why the plan failed. */
async function configuredOr(look: () => Promise<Configured>): Promise<Configured | string> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Fault && !error.retryable) return error.message;
    throw error;
  }
}

/** Of what was refused before anything ran, and of a step that says its own name, the sentence itself. */
function failureReason(step: FailedStep, where: string, summary: string | undefined): string {
  if (summary === undefined) return `${where} failed`;
  return step === 'before' || typeof step !== 'string' ? summary : `${where} failed: ${summary}`;
}

function nameOf(step: FailedStep, { project }: Configured): string {
  return typeof step === 'string' ? `${project.settings.binary.distribution} ${step}` : `step "${step.run}"`;
}

async function plan(
  context: WorkerContext,
  job: Job<Payload>,
  change: Change,
  project: Planning,
  configured: Configured,
): Promise<PlanOutcome> {
  const { ledger, terraform } = context;
  const output = collectOutput(ledger, project.planRunId);
  const unwanted = new AbortController();
  const watch = setInterval(() => {
    void ledger.isPlanRunWanted(project.planRunId).then(
      (wanted) => (wanted ? undefined : unwanted.abort()),
      () => undefined, // the lease tells when the database is away for long
    );
  }, WANTED_EVERY_MS);
  try {
    return await terraform.plan(
      await planRequest(context, change, project, configured),
      (line) => output.add(line.stream, line.text),
      AbortSignal.any([job.signal, unwanted.signal]),
    );
  } finally {
    clearInterval(watch);
    await output.end();
  }
}

async function planned(
  context: WorkerContext,
  { lease }: Job<Payload>,
  change: Change,
  project: Planning,
  configured: Configured,
  outcome: PlannedOutcome,
  timings: Record<string, number>,
): Promise<Conclusion> {
  const { checks, ledger, planStore, settings } = context;
  const { planRunId, key, dir, workspace } = project;
  const { repository } = change.mergeRequest;
  const digest = planDigest(outcome.plan, {
    key: settings.planDigestKey,
    moduleTreeHash: outcome.moduleTreeHash,
  });
  const { secrets } = await settings.credentials(repository, dir, 'plan');
  const redacted = redactPlan(outcome.plan, secrets);
  const summary = summarizePlan(redacted);
  const shown = {
    summary,
    planText: renderPlan(summary),
    planJson: JSON.stringify(redacted),
    timings,
    ...(outcome.warnings.length === 0 ? {} : { diagnostics: outcome.warnings }),
  };
  if (!hasChanges(summary)) {
    const fact = {
      type: 'plan-run-ended',
      planRunId,
      project: key,
      outcome: { kind: 'no-changes', digest },
    } as const;
    return { fact, attachment: { planRun: shown } };
  }
  const { rules } = configured.catalogue;
  const { labels } = configured.project.settings;
  const { counts } = summary;
  const who = await whoIsWho(context);
  // A worker that was stopped for long must not put its bundle in the place of the one that stands by now.
  await context.desk.renew(lease);
  const [reports, demand, { bundleHash }] = await Promise.all([
    checks.evaluate({ plan: redacted, project: { key, dir, workspace, repository, labels } }, rules),
    decideDemand(context, change, configured, { project, plan: redacted, counts }, who),
    planStore.put(planRunId, digest, outcome.bundle),
  ]);
  const ref: PlanRef = {
    planRunId,
    digest,
    counts,
    checks: reports.map(checkRef),
    demand,
    policyHash: checks.policyHash(rules),
    configurationHash: configured.project.settingsHash,
    terraformVersion: outcome.terraformVersion,
    providers: outcome.providers,
    lockFileHash: outcome.lockFileHash,
    moduleTreeHash: outcome.moduleTreeHash,
    inputsId: project.inputsId,
    headSha: change.revision?.headSha ?? '',
    bundleHash,
    state: outcome.state,
    plannedAt: await ledger.now(),
  };
  const isolation = await context.terraform.isolation();
  const fact = {
    type: 'plan-run-ended',
    planRunId,
    project: key,
    outcome: { kind: 'planned', plan: ref },
    isolation,
  } as const;
  return { fact, attachment: { planRun: { ...shown, checks: reports } } };
}

function failed(project: Planning, reason: string, diagnostics?: unknown): Conclusion {
  const { planRunId, key } = project;
  return {
    fact: { type: 'plan-run-ended', planRunId, project: key, outcome: { kind: 'failed', reason } },
    attachment: { planRun: diagnostics === undefined ? {} : { diagnostics } },
  };
}
