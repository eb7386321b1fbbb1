import { availableParallelism } from 'node:os';
import { currentTupleHash } from '#domain/approved-tuple.ts';
import { canonicalHash } from '#domain/canonical-hash.ts';
import type { ApprovalRef, Change } from '#domain/change.ts';
import { type Approval, approvalInForce, refOf } from '#domain/approval.ts';
import type { GateVerdict } from '#domain/fact.ts';
import {
  allYes,
  evaluateGates,
  mandateOf,
  moreWanted,
  toReasons,
  turnsAt,
  verdictRefused,
} from '#domain/gates/evaluate-gates.ts';
import type { GateResult, GateSubject, ProjectEvidence } from '#domain/gates/evidence.ts';
import { commandOf } from '#domain/ordered.ts';
import { foundBy } from '#domain/gates/found.ts';
import type { Planned } from '#domain/gates/may-be-asked.ts';
import type { MandateRef } from '#domain/mandate.ts';
import type { Gating } from '#domain/project.ts';
import type { WorkerContext, WorkerSettings } from './context.ts';
import { mapAtMost } from './at-most.ts';
import { readLive } from './configured-project.ts';
import { changeEvidence } from './evidence-of-change.ts';
import { projectEvidence } from './evidence-of-project.ts';
import { whoIsWho } from './who-is-who.ts';

/** What every gate answered for a project, and what was seen of it. */
export interface Asked<P extends Planned> {
  project: P;
  results: GateResult[];
  evidence: ProjectEvidence;
  /** Before the first look, by the database's clock. */
  lookedAt: string;
  /** What was judged with the rest, if there was one. */
  approval: Approval | undefined;
}

/** Each of them starts a terraform that reads the state. */
const AT_ONCE = 2 * availableParallelism();

/** For what all projects have in common, and for what is left of one beside its state. */
const COMMON_MS = 120_000;
const BESIDE_STATE_MS = 30_000;

/**
 * How long asking the gates about so many projects may take, in milliseconds. Each has its own time, however slow its state
 * is, so that what could not be seen of one is told and keeps none of the others from being seen.
 */
export function askingTakesMs({ limits }: Pick<WorkerSettings, 'limits'>, projects: number): number {
  // The run waits for its folder as long as it may take itself.
  const eachMs = 2 * limits('state').wallMs + BESIDE_STATE_MS;
  return COMMON_MS + Math.ceil(projects / AT_ONCE) * eachMs;
}

/**
 * Looks at everything the gates ask about, live and all at once, and lets every gate answer for every one of the
 * projects. Nothing is recorded and nothing is done: that is for whoever asks.
 *
 * @param isStillAsked asked before each project's turn; what is nobody's question by then is left out
 */
export async function askGates<P extends Planned>(
  context: WorkerContext,
  change: Change,
  projects: readonly P[],
  isStillAsked: (project: P) => Promise<boolean> = async () => true,
): Promise<Asked<P>[]> {
  const at = await context.ledger.now();
  const [live, who] = await Promise.all([
    readLive(context, change),
    whoIsWho(context, { fresh: projects.some(isForApply) }),
  ]);
  const [common, particular] = await Promise.all([
    changeEvidence(context, change, live, { at, who }),
    mapAtMost(AT_ONCE, projects, async (project) =>
      (await isStillAsked(project))
        ? [{ project, evidence: await projectEvidence(context, change, project, live, who) }]
        : [],
    ),
  ]);
  return particular.flat().map(({ project, evidence }) => {
    const subject = subjectOf(change, project);
    const results = evaluateGates(subject, common, evidence);
    return { project, evidence, results, lookedAt: at, approval: subject.approval };
  });
}

/** Whatever says yes now is applied next. */
function isForApply(project: Planned): boolean {
  return project.status === 'gating' && project.purpose.kind === 'apply';
}

/** The answers as a fact tells them. */
export function toVerdict({ project, results, lookedAt, approval }: Asked<Gating>): GateVerdict {
  const refused = verdictRefused(results);
  const asksOn = moreWanted(results);
  const found = foundBy(results);
  const mandate = mandateOf(results);
  const turns = turnsAt(results);
  const planAgain = results.find((result) => result.planAgain !== undefined)?.planAgain;
  return {
    project: project.key,
    evaluationId: project.evaluationId,
    go: allYes(results),
    reasons: toReasons(results),
    lookedAt,
    ...(approval === undefined ? {} : { approval: nameOf(approval, mandate) }),
    evidenceDigest: canonicalHash(results),
    ...(found === undefined ? {} : { found }),
    ...(mandate === undefined ? {} : { mandate }),
    ...(refused === undefined ? {} : { verdictRefused: refused }),
    ...(results.some((result) => result.disputed === true) ? { disputed: true } : {}),
    ...(turns === undefined ? {} : { turnsAt: turns }),
    ...(asksOn === undefined ? {} : { asksOn }),
    ...(planAgain === undefined ? {} : { planAgain }),
  };
}

function nameOf(approval: Approval, mandate: MandateRef | undefined): ApprovalRef {
  const named = refOf(approval);
  return named.kind === 'standing' && mandate !== undefined ? { ...named, mandate: mandate.id } : named;
}

/** The answers with what was looked at, as they are kept beside the fact. */
export function toGateResult({ project, results }: Asked<Gating>) {
  return {
    project: project.key,
    evaluationId: project.evaluationId,
    purpose: project.purpose.kind,
    go: allYes(results),
    results,
  };
}

function subjectOf(change: Change, project: Planned): GateSubject {
  return {
    change,
    project,
    plan: project.plan,
    approval: approvalInForce(change, project.key),
    tupleHash: tupleInReview(change),
    command: commandOf(project),
  };
}

/** What is in front of the approver; while a sibling is planned again that is not what the projects say now. */
function tupleInReview(change: Change): string {
  const review = change.ticket.status === 'open' ? change.ticket.review : undefined;
  return review !== undefined && 'tupleHash' in review ? review.tupleHash : (currentTupleHash(change) ?? '');
}
