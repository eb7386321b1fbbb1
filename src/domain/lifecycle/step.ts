import type { Approval } from '../approval.ts';
import type { ApprovalRef } from '../change.ts';
import type {
  Adjustment,
  AskedAdjustment,
  ApplyCommand,
  GateReason,
  GatingPurpose,
  Holder,
  Planning,
  Project,
  ProjectTarget,
} from '../project.ts';
import { commandOf, isOrdered } from '../ordered.ts';
import type { Effect } from '../effect.ts';
import type { AttemptOutcome, GateVerdict, PlanRunOutcome } from '../fact.ts';
import type { PlanRef } from '../plan-ref.ts';
import type { Refusal } from '../refusal.ts';

/** What a fact means for one project; each status file says what it does with every one of them. */
export type Signal =
  | { type: 'ticket-opened' }
  | { type: 'plan-ended'; planRunId: string; outcome: PlanRunOutcome }
  | { type: 'plan-expired'; planRunId: string }
  | { type: 'approved' }
  | { type: 'rejected' }
  | { type: 'review-again' }
  | { type: 'gates-evaluated'; verdict: GateVerdict }
  | { type: 'evaluation-stale'; evaluationId: string; state?: PlanRef['state'] }
  | { type: 'surroundings-changed'; source: 'webhook' | 'sweep' | 'clock'; freed?: readonly string[] }
  /** Another change holds the project, or one that has to be had together with it. */
  | { type: 'held'; by: Holder }
  /** With what a comment wants done to the project's state beside what its code says. */
  | { type: 'plan-commanded'; adjustments?: readonly AskedAdjustment[] }
  | { type: 'apply-commanded'; command: ApplyCommand }
  | { type: 'cancelled' }
  | { type: 'attempt-claimed'; attemptId: string }
  | { type: 'attempt-ended'; attemptId: string; outcome: AttemptOutcome }
  | { type: 'attempt-lost'; attemptId: string; reason: string }
  | { type: 'attempt-resolved'; attemptId: string; as: 'applied' | 'not-applied'; reason: string }
  | { type: 'tagged' }
  | { type: 'merge-refused'; reason: string }
  | { type: 'merged' }
  | { type: 'closed' };

/** What a status makes of a signal. */
export interface Step {
  project: Project;
  effects: readonly Effect[];
  refusals: readonly Refusal[];
}

/** What a step may ask of the change around the project. */
export interface Surroundings {
  /** Database time of the fact. */
  at: string;
  /** Ids for what a step starts; numbered by the change, so that nothing in the core is random. */
  nextPlanRun(): string;
  nextEvaluation(): string;
  approval: Approval | undefined;
  /** Whether this very approval is still there. */
  isInForce(approval: ApprovalRef): boolean;
  /** The wave that may be applied. */
  wave: number;
  /** The merge request is merged: what waited for that goes. */
  merged: boolean;
  /** A ticket is open, so its number is known. */
  ticketOpen: boolean;
}

/** The signal means nothing here. */
export function stay(project: Project): Step {
  return { project, effects: [], refusals: [] };
}

export function become(project: Project, ...effects: Effect[]): Step {
  return { project, effects, refusals: [] };
}

export function refuse(project: Project, code: Refusal['code'], reason: string, remedy: string): Step {
  return { project, effects: [], refusals: [{ code, reason, remedy, project: project.key }] };
}

/** What a project keeps from status to status. */
export function base(
  project: Project,
): ProjectTarget & Pick<Project, 'commandNeeded' | 'cleanFailures' | 'adjustments'> {
  return {
    key: project.key,
    name: project.name,
    dir: project.dir,
    workspace: project.workspace,
    applyOn: project.applyOn,
    holdFrom: project.holdFrom,
    wave: project.wave,
    after: project.after,
    declaresApprovalId: project.declaresApprovalId,
    inputsId: project.inputsId,
    inputPaths: project.inputPaths,
    ...(project.commandNeeded === undefined ? {} : { commandNeeded: project.commandNeeded }),
    ...(project.cleanFailures === undefined ? {} : { cleanFailures: project.cleanFailures }),
    ...(project.adjustments === undefined ? {} : { adjustments: project.adjustments }),
  };
}

/** Starts a plan run for the project as it stands; one that carries the approval number waits for the ticket first. */
export function plan(project: Project, around: Surroundings, wanted?: readonly AskedAdjustment[]): Step {
  const known = { ...base(project), ...(wanted === undefined ? {} : adjusted(project, wanted)) };
  if (project.declaresApprovalId && !around.ticketOpen) return become({ ...known, status: 'opening-ticket' });
  const planRunId = around.nextPlanRun();
  return become(
    { ...known, ...orderOf(project), status: 'planning', planRunId },
    { type: 'run-plan', project: project.key, planRunId },
  );
}

/** A command that waits for its time goes on waiting while the plan is made anew: an equal one keeps its approval. */
export function orderOf(project: Project): Pick<Planning, 'ordered'> {
  const ordered = isOrdered(project) ? commandOf(project) : undefined;
  return ordered === undefined ? {} : { ordered };
}

/** The latest word on one address counts. */
function adjusted(
  { adjustments = [] }: Project,
  wanted: readonly AskedAdjustment[],
): Pick<Project, 'adjustments'> {
  const said = new Set(wanted.map(addressOf));
  return { adjustments: [...adjustments.filter((each) => !said.has(addressOf(each))), ...wanted] };
}

function addressOf(adjustment: Adjustment): string {
  return adjustment.kind === 'import' ? adjustment.to : adjustment.from;
}

/** Asks every gate about the plan: to report, or to apply when all say yes. */
export function gate(
  project: Project & { plan: PlanRef },
  purpose: GatingPurpose,
  around: Surroundings,
  standing?: readonly GateReason[],
): Step {
  const evaluationId = around.nextEvaluation();
  const gating: Project = {
    ...base(project),
    status: 'gating',
    plan: project.plan,
    evaluationId,
    purpose,
    ...(standing === undefined ? {} : { standing }),
  };
  return become(gating, { type: 'collect-evidence', projects: [{ key: project.key, evaluationId }] });
}

/**
 * What the gates are asked for when nobody commands just now: to apply what waits for its time by a command, or goes by
 * itself by now, unless an attempt failed before.
 */
export function purposeUncommanded(project: Project, { merged }: Surroundings): GatingPurpose {
  const { applyOn, commandNeeded } = project;
  const { ordered } = orderOf(project);
  if (ordered !== undefined) return { kind: 'apply', command: ordered };
  const goes = applyOn === 'approval' || (applyOn === 'merge' && merged);
  return goes && commandNeeded !== true ? { kind: 'apply' } : { kind: 'report' };
}

export function close(project: Project, ...effects: Effect[]): Step {
  return become({ ...base(project), status: 'closed' }, ...effects);
}

/** What is not to be had without another change letting go of something is given up until then. */
export function wait(project: Project, by: Holder, ...effects: Effect[]): Step {
  return become({ ...base(project), status: 'held', by }, ...effects);
}

export function cancel(project: Project, ...effects: Effect[]): Step {
  return become({ ...base(project), status: 'cancelled' }, ...effects);
}

export function merge(project: Project, ...effects: Effect[]): Step {
  const applied = appliedPlan(project);
  return become(
    { ...base(project), status: 'merged', ...(applied === undefined ? {} : { applied }) },
    ...effects,
  );
}

function appliedPlan(project: Project): PlanRef | undefined {
  switch (project.status) {
    case 'applied':
    case 'released':
    case 'applied-unmerged':
      return project.plan;
    case 'merged':
      return project.applied;
    case 'opening-ticket':
    case 'planning':
    case 'held':
    case 'plan-failed':
    case 'no-changes':
    case 'awaiting-approval':
    case 'rejected':
    case 'expired':
    case 'gating':
    case 'blocked':
    case 'ready':
    case 'applying':
    case 'apply-failed':
    case 'apply-interrupted':
    case 'cancelled':
    case 'closed':
      return undefined;
  }
}
