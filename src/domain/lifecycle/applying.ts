import type { Applying, Gating, Project } from '../project.ts';
import type { AttemptOutcome, GateVerdict } from '../fact.ts';
import type { PlanRef } from '../plan-ref.ts';
import { judged } from './gating.ts';
import {
  base,
  become,
  cancel,
  close,
  gate,
  merge,
  plan,
  refuse,
  type Signal,
  stay,
  type Step,
  type Surroundings,
  wait,
} from './step.ts';

/** How often a clean failure is planned again by itself before a person has to ask. */
const REPLANS_AFTER_CLEAN_FAILURE = 3;

/** An attempt is queued, or claimed and perhaps running. From the claim on nothing but its own end moves the project. */
export function whileApplying(project: Applying, signal: Signal, around: Surroundings): Step {
  switch (signal.type) {
    case 'attempt-claimed':
      return signal.attemptId === project.attemptId
        ? become({ ...project, phase: 'claimed' })
        : stay(project);
    case 'attempt-ended':
      return signal.attemptId === project.attemptId
        ? attemptEnded(project, signal.outcome, around)
        : stay(project);
    case 'attempt-lost':
      return signal.attemptId === project.attemptId
        ? become(interrupted(project, signal.reason))
        : stay(project);
    case 'gates-evaluated':
      if (project.phase === 'claimed') return lookedAtBeforeStart(project, signal.verdict, around);
      return signal.verdict.renews === project.evaluationId
        ? lookedAtAgain(project, signal.verdict, around)
        : stay(project);
    case 'evaluation-stale':
      if (signal.evaluationId !== project.evaluationId) return stay(project);
      return project.phase === 'queued'
        ? gate(project, purposeOf(project), around)
        : lookBeforeStart(project, signal.state, around);
    case 'apply-commanded':
      return refuse(project, 'already-applying', 'it is being applied already', 'watch its log');
    case 'plan-commanded':
      return refuse(project, 'attempt-running', 'it is being applied', 'wait for the end of the attempt');
    case 'cancelled':
      return project.phase === 'queued'
        ? cancel(project)
        : become(project, { type: 'interrupt-apply', attemptId: project.attemptId });
    case 'held':
      return project.phase === 'queued' ? wait(project, signal.by) : stay(project);
    case 'rejected':
      return project.phase === 'queued'
        ? become({ ...base(project), status: 'rejected', plan: project.plan })
        : stay(project);
    case 'review-again':
      return project.phase === 'queued'
        ? become({ ...base(project), status: 'awaiting-approval', plan: project.plan })
        : stay(project);
    case 'merged':
      return project.phase === 'queued' ? merge(project) : stay(project);
    case 'closed':
      return project.phase === 'queued' ? close(project) : stay(project);
    case 'ticket-opened':
    case 'plan-ended':
    case 'plan-expired':
    case 'approved':
    case 'surroundings-changed':
    case 'attempt-resolved':
    case 'tagged':
    case 'merge-refused':
      return stay(project);
  }
}

/** What an ended attempt leaves behind; also used when an attempt believed lost turns out to have ended. */
export function attemptEnded(
  project: Extract<Project, { attemptId: string }>,
  outcome: AttemptOutcome,
  around: Surroundings,
): Step {
  const { plan: planned, attemptId } = project;
  switch (outcome.kind) {
    case 'succeeded':
      return become({ ...base(project), status: 'applied', plan: planned, attemptId });
    case 'failed-clean':
      return afterCleanFailure(project, outcome, around);
    case 'failed-partial':
    case 'aborted':
      return become({
        ...base(project),
        status: 'apply-failed',
        plan: planned,
        attemptId,
        failure: outcome.kind,
        reason: outcome.reason,
      });
  }
}

/** Nothing was changed, but the bundle is spent: plan again; an equal plan keeps the approval, and an operator says when. */
function afterCleanFailure(
  project: Extract<Project, { attemptId: string }>,
  { passing, reason }: Extract<AttemptOutcome, { reason: string }>,
  around: Surroundings,
): Step {
  const cleanFailures = (project.cleanFailures ?? 0) + 1;
  const failed: Project = {
    ...base(project),
    ...(passing === true ? {} : { commandNeeded: true }),
    cleanFailures,
    status: 'apply-failed',
    plan: project.plan,
    attemptId: project.attemptId,
    failure: 'failed-clean',
    reason,
  };
  return cleanFailures <= REPLANS_AFTER_CLEAN_FAILURE ? plan(failed, around) : become(failed);
}

/** The gates were asked again when its turn came. If all say yes the job at hand goes on; no other is to be started. */
function lookedAtAgain(project: Applying, verdict: GateVerdict, around: Surroundings): Step {
  const step = judged(askedAgain(project, verdict.evaluationId), verdict, around);
  return step.project.status === 'applying' ? become(step.project) : step;
}

/** The supervisor took long to get ready: the gates are asked once more, and it waits for them. */
function lookBeforeStart(project: Applying, state: PlanRef['state'] | undefined, around: Surroundings): Step {
  if (state === undefined) return stay(project);
  const evaluationId = around.nextEvaluation();
  return become(
    { ...project, renewing: { evaluationId, state } },
    { type: 'collect-evidence', projects: [{ key: project.key, evaluationId }] },
  );
}

/** If all of them still say yes terraform may start; otherwise the supervisor ends the attempt before it has begun. */
function lookedAtBeforeStart(project: Applying, verdict: GateVerdict, around: Surroundings): Step {
  const { renewing, ...rest } = project;
  if (renewing?.evaluationId !== verdict.evaluationId) return stay(project);
  const { approval, evaluationId, lookedAt } = verdict;
  // It was claimed under one approval; that its gates say yes under another does not help it.
  if (verdict.go && approval?.kind === project.approval.kind && around.isInForce(project.approval))
    return become({ ...rest, evaluationId, evaluatedAt: lookedAt });
  const closed = verdict.reasons.map(({ gate: name, reason }) => `${name}: ${reason}`);
  const refused = closed.length === 0 ? 'the approval that it was to start under is gone' : closed.join('; ');
  return become({ ...rest, refused });
}

/** As the gates see it when they are asked once more, under another number, before it is applied. */
export function askedAgain(project: Applying, evaluationId: string): Gating {
  const { plan: planned } = project;
  return { ...base(project), status: 'gating', plan: planned, evaluationId, purpose: purposeOf(project) };
}

function interrupted(project: Applying, reason: string): Project {
  return {
    ...base(project),
    status: 'apply-interrupted',
    plan: project.plan,
    attemptId: project.attemptId,
    reason,
  };
}

function purposeOf(project: Applying): { kind: 'apply'; command?: NonNullable<Applying['command']> } {
  return project.command === undefined ? { kind: 'apply' } : { kind: 'apply', command: project.command };
}
