import { approvalInForce, approvalNamed } from './approval.ts';
import type { Change } from './change.ts';
import type { Project } from './project.ts';
import type { Effect } from './effect.ts';
import type { Signal } from './lifecycle/step.ts';
import { stepProject } from './lifecycle/step-project.ts';
import type { Refusal } from './refusal.ts';

/** What the core makes of a fact. */
export interface Decision {
  change: Change;
  effects: readonly Effect[];
  refusals: readonly Refusal[];
  /** Consequences that deserve an audit entry of their own, beside the fact's. */
  entries: readonly DecisionEntry[];
}

export interface DecisionEntry {
  type:
    | 'plan-rebound'
    | 'revision-opened'
    | 'verdict-refused'
    | 'approval-voided'
    | 'merged-unapplied'
    | 'mandate-used'
    | EmergencyEntry;
  details: Record<string, unknown>;
}

/** From the moment when somebody asks until what was applied is approved afterwards. */
type EmergencyEntry =
  | 'break-glass-asked'
  | 'break-glass-confirmed'
  | 'break-glass-over'
  | 'break-glass-used'
  | 'debt-rejected'
  | 'debt-overdue'
  | 'debt-paid';

export function undisturbed(change: Change): Decision {
  return { change, effects: [], refusals: [], entries: [] };
}

/** What came first, and then this, on what the first made of the change. */
export function followedBy(first: Decision, then: Decision): Decision {
  return {
    change: then.change,
    effects: [...first.effects, ...then.effects],
    refusals: [...first.refusals, ...then.refusals],
    entries: [...first.entries, ...then.entries],
  };
}

export function withEffects(decision: Decision, ...effects: Effect[]): Decision {
  return { ...decision, effects: [...decision.effects, ...effects] };
}

export function withChange(decision: Decision, change: Partial<Change>): Decision {
  return { ...decision, change: { ...decision.change, ...change } };
}

export function withRefusals(decision: Decision, ...refusals: Refusal[]): Decision {
  return { ...decision, refusals: [...decision.refusals, ...refusals] };
}

export function withEntry(
  decision: Decision,
  type: DecisionEntry['type'],
  details: Record<string, unknown>,
): Decision {
  return { ...decision, entries: [...decision.entries, { type, details }] };
}

/** Sends a signal to the projects that `concerned` picks (all by default), in their order. */
export function signal(
  decision: Decision,
  at: string,
  message: Signal | ((project: Project) => Signal),
  concerned: (project: Project) => boolean = () => true,
): Decision {
  const { change } = decision;
  const counters = { ...change.counters };
  const around = {
    at,
    wave: change.wave,
    merged: change.merge.status === 'merged',
    ticketOpen: change.ticket.status === 'open',
    nextPlanRun: () => `${change.id}.p${++counters.planRuns}`,
    nextEvaluation: () => `${change.id}.e${++counters.evaluations}`,
  };
  const effects: Effect[] = [];
  const refusals: Refusal[] = [];
  const projects = change.projects.map((project) => {
    if (!concerned(project)) return project;
    const step = stepProject(project, typeof message === 'function' ? message(project) : message, {
      ...around,
      approval: approvalInForce(change, project.key),
      isInForce: (approval) => approvalNamed(change, approval, project.key) !== undefined,
    });
    effects.push(...step.effects);
    refusals.push(...step.refusals);
    return step.project;
  });
  return withRefusals(withEffects(withChange(decision, { projects, counters }), ...effects), ...refusals);
}

/** A worker may be running terraform apply for the project, or may have been: nothing may be started beside it. */
export function attemptOpen(project: Project): boolean {
  return (
    project.status === 'apply-interrupted' || (project.status === 'applying' && project.phase === 'claimed')
  );
}
