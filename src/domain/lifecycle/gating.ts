import { attemptIdOf } from '../attempt.ts';
import type { Effect } from '../effect.ts';
import { commandOf } from '../ordered.ts';
import type { Gating, Project } from '../project.ts';
import type { GateVerdict } from '../fact.ts';
import {
  base,
  become,
  cancel,
  close,
  gate,
  merge,
  plan,
  purposeUncommanded,
  refuse,
  type Signal,
  stay,
  type Step,
  type Surroundings,
  wait,
} from './step.ts';

/** Evidence is being collected for every gate. */
export function whileGating(project: Gating, signal: Signal, around: Surroundings): Step {
  switch (signal.type) {
    case 'gates-evaluated':
      return signal.verdict.evaluationId === project.evaluationId
        ? judged(project, signal.verdict, around)
        : stay(project);
    case 'approved':
      // The evidence may have been read before the approval: ask again, for what was asked.
      return gate(
        project,
        project.purpose.kind === 'apply' ? project.purpose : purposeUncommanded(project, around),
        around,
      );
    case 'apply-commanded':
      return project.purpose.kind === 'apply' && project.purpose.command !== undefined
        ? refuse(
            project,
            'already-applying',
            `its gates are being asked already, for @${project.purpose.command.by.username}`,
            'wait for the answer to that comment',
          )
        : gate(project, { kind: 'apply', command: signal.command }, around);
    case 'rejected':
      return become({ ...base(project), status: 'rejected', plan: project.plan });
    case 'review-again':
      return become(awaiting(project));
    case 'plan-expired':
      return signal.planRunId === project.plan.planRunId
        ? become({ ...base(project), status: 'expired', plan: project.plan })
        : stay(project);
    case 'plan-commanded':
      return plan(project, around, signal.adjustments);
    case 'held':
      return wait(project, signal.by);
    case 'cancelled':
      return cancel(project);
    case 'merged':
      return merge(project);
    case 'closed':
      return close(project);
    case 'ticket-opened':
    case 'plan-ended':
    case 'evaluation-stale':
    case 'surroundings-changed':
    case 'attempt-claimed':
    case 'attempt-ended':
    case 'attempt-lost':
    case 'attempt-resolved':
    case 'tagged':
    case 'merge-refused':
      return stay(project);
  }
}

/** What the gates' answers make of a project that waits for them. */
export function judged(project: Gating, verdict: GateVerdict, around: Surroundings): Step {
  const { plan: planned, evaluationId, purpose } = project;
  const { approval, lookedAt } = verdict;
  // The approval may have gone while the evidence was collected; what was said of it is not said of another.
  if (!verdict.go || approval === undefined || !around.isInForce(approval))
    return verdict.go && around.approval !== undefined
      ? gate(project, purpose, around, project.standing)
      : closed(project, verdict, around);
  if (purpose.kind === 'report')
    return become({ ...base(project), status: 'ready', plan: planned, evaluationId }, ...wakes(verdict));
  const attemptId = attemptIdOf(planned.planRunId);
  const applying: Project = {
    ...base(project),
    status: 'applying',
    plan: planned,
    phase: 'queued',
    evaluationId,
    evaluatedAt: lookedAt,
    approval,
    attemptId,
    ...(purpose.command === undefined ? {} : { command: purpose.command }),
  };
  return become(applying, { type: 'run-apply', project: project.key, attemptId });
}

/** Some gate did not say yes. Without a verdict the project simply goes on waiting for one. */
function closed(project: Gating, verdict: GateVerdict, around: Surroundings): Step {
  const ordered = commandOf(project);
  const waits = ordered !== undefined && comesInTime(project, verdict);
  const next: Project =
    around.approval === undefined
      ? awaiting(project)
      : {
          ...base(project),
          status: 'blocked',
          plan: project.plan,
          evaluationId: project.evaluationId,
          reasons: verdict.reasons,
          ...(waits ? { ordered } : {}),
        };
  const effects = next.status === 'blocked' ? wakes(verdict) : [];
  if (ordered === undefined || (next.status === 'blocked' && waits)) return become(next, ...effects);
  const refusal = {
    code: 'gates-closed' as const,
    reason: verdict.go ? 'its approval was taken back meanwhile' : notYet(verdict.reasons.length),
    remedy: verdict.go
      ? 'have the plan approved again'
      : 'clear each of them and comment `countersign apply` again',
    project: project.key,
    gates: verdict.reasons,
  };
  return { project: next, effects, refusals: [refusal] };
}

/**
 * Whether a command need not be given again: nothing but the time is against it. One that waits already goes on waiting
 * while the time has not come, whatever else is found meanwhile; and until what could not be asked then answers.
 */
function comesInTime({ standing }: Gating, { reasons }: GateVerdict): boolean {
  const early = reasons.filter(({ until }) => until !== undefined);
  if (early.length > 0) return standing !== undefined || early.length === reasons.length;
  return standing !== undefined && reasons.every(({ answer }) => answer === 'unknown');
}

/** What an answer is worth ends with its time. */
function wakes({ turnsAt }: GateVerdict): Effect[] {
  return turnsAt === undefined ? [] : [{ type: 'wake-change', at: turnsAt }];
}

function notYet(gates: number): string {
  return gates === 1 ? 'one of its gates does not say yes' : `${gates} of its gates do not say yes`;
}

function awaiting(project: Gating): Project {
  return { ...base(project), status: 'awaiting-approval', plan: project.plan };
}
