import { approvalInForce, approvalNamed, refOf } from './approval.ts';
import canonicalize from 'canonicalize';
import { answerCommanders } from './answer-commanders.ts';
import type { ApprovalRef, Change } from './change.ts';
import { type Decision, followedBy, signal, undisturbed, withChange, withRefusals } from './decision.ts';
import type { Effect } from './effect.ts';
import type { Fact, FactOf } from './fact.ts';
import { onDebtJudged, onDebtOverdue, onDebtPresented } from './debts.ts';
import { followGlass, lapse } from './glass.ts';
import { holdsAfter } from './holds.ts';
import { onTicketPrepared } from './in-advance.ts';
import type { Signal } from './lifecycle/step.ts';
import {
  onAttemptClaimed,
  onAttemptStarted,
  onGatesEvaluated,
  onMergeRefused,
  onReleasePrepared,
  onReleaseRefused,
  onReleaseTagged,
  retryTag,
} from './on-apply.ts';
import { onCommand, takeWaiting } from './on-command.ts';
import { onProjectHeld, onProjectsReserved, releaseHold } from './on-hold.ts';
import { onMerged, onMergeRequestRead } from './on-merge-request.ts';
import { onApprovalExpired, onTicketOpened, onTicketPresented, onTicketRead } from './on-ticket.ts';
import { onReleaseTagSeen } from './on-release-tag.ts';
import { onApplyVerified, verifyApplied } from './on-verification.ts';
import type { Project } from './project.ts';
import { endReminder } from './reminder.ts';
import { settle } from './settle.ts';

/** A change nobody has looked at yet: its merge request was only hinted at. */
export function newChange(id: string, mergeRequest: Change['mergeRequest']): Change {
  return {
    id,
    mergeRequest,
    url: '',
    title: '',
    description: '',
    author: { id: 0, username: '' },
    projects: [],
    ticket: { status: 'none', number: 0 },
    release: { status: 'none' },
    merge: { status: 'open' },
    wave: 0,
    waiting: [],
    requested: [],
    holds: [],
    counters: { revisions: 0, planRuns: 0, evaluations: 0 },
  };
}

/**
 * The core: what a fact means for a change. Pure and total; the effects are all that has to be done about it, the
 * refusals every reasoned "no". `at` is the database's time of the fact, RFC 3339 UTC.
 */
export function decide(change: Change, fact: Fact, at: string): Decision {
  const timely = lapse(change, at);
  const reacted = followGlass(followedBy(timely, react(timely.change, fact, at)), at);
  const taken = keepingHolds(change, reacted);
  const first = keepingHolds(taken.change, settleUnapproved(change, settle(taken, at), at));
  const turned = takeWaiting(first, at);
  const settled =
    turned === first
      ? first
      : keepingHolds(first.change, settleUnapproved(first.change, settle(turned, at), at));
  const told = answerCommanders(change, verifyApplied(change, settled, fact));
  const after = told.change;
  const effects = [...told.effects, ...letGo(change, after), ...endReminder(change, after)];
  return { ...told, effects: tidied(effects, hasMoved(change, after)) };
}

function react(change: Change, fact: Fact, at: string): Decision {
  switch (fact.type) {
    case 'merge-request-read':
      return onMergeRequestRead(change, fact.reading, at);
    case 'command-received':
      return onCommand(change, fact, at);
    case 'surroundings-changed':
      return signal(retryTag(undisturbed(change)), at, surroundings(fact));
    case 'ticket-opened':
      return onTicketOpened(change, fact, at);
    case 'ticket-presented':
      return onTicketPresented(change, fact, at);
    case 'ticket-prepared':
      return onTicketPrepared(change, fact, at);
    case 'ticket-read':
      return onTicketRead(change, fact, at);
    case 'gates-evaluated':
      return onGatesEvaluated(change, fact, at);
    case 'attempt-claimed':
      return onAttemptClaimed(change, fact, at);
    case 'attempt-started':
      return onAttemptStarted(change, fact);
    case 'release-prepared':
      return onReleasePrepared(change, fact);
    case 'release-tagged':
      return onReleaseTagged(change, fact, at);
    case 'release-refused':
      return onReleaseRefused(change, fact);
    case 'release-tag-seen':
      return onReleaseTagSeen(change, fact, at);
    case 'merged':
      return change.merge.status === 'merged' ? undisturbed(change) : onMerged(change, fact.sha, at);
    case 'merge-refused':
      return onMergeRefused(change, fact, at);
    case 'plan-expired':
      return onPlanExpired(change, fact, at);
    case 'approval-expired':
      return onApprovalExpired(change, fact, at);
    case 'plan-run-ended':
    case 'evaluation-stale':
    case 'attempt-ended':
    case 'attempt-lost':
    case 'attempt-resolved':
      return signal(undisturbed(change), at, signalOf(fact), (project) => project.key === fact.project);
    case 'apply-verified':
      return onApplyVerified(change, fact);
    case 'hold-released':
      return releaseHold(change, fact.project, at);
    case 'projects-reserved':
      return onProjectsReserved(change, fact, at);
    case 'project-held':
      return onProjectHeld(change, fact, at);
    case 'debt-presented':
      return onDebtPresented(change, fact);
    case 'debt-judged':
      return onDebtJudged(change, fact, at);
    case 'debt-overdue':
      return onDebtOverdue(change, fact, at);
    case 'rollback-refused':
    case 'request-refused':
      return withRefusals(undisturbed(change), ...fact.refusals);
    case 'ticket-withdrawn':
    case 'ticket-closed':
    case 'rollback-opened':
    case 'compared-after-merge':
      return undisturbed(change);
  }
}

/** What is approved is planned again in time: an equal plan takes the old one's place, and nobody is asked again. */
function onPlanExpired(change: Change, fact: FactOf<'plan-expired'>, at: string): Decision {
  const isOurs = ({ key, ...project }: Project) =>
    key === fact.project && 'plan' in project && project.plan.planRunId === fact.planRunId;
  const message: Signal = approvalInForce(change) === undefined ? signalOf(fact) : { type: 'plan-commanded' };
  return signal(undisturbed(change), at, message, isOurs);
}

function surroundings({ source, freed }: FactOf<'surroundings-changed'>): Signal {
  return { type: 'surroundings-changed', source, ...(freed === undefined ? {} : { freed }) };
}

/** The facts about one project, as its status is told them. */
function signalOf(
  fact: FactOf<
    | 'plan-run-ended'
    | 'plan-expired'
    | 'evaluation-stale'
    | 'attempt-ended'
    | 'attempt-lost'
    | 'attempt-resolved'
  >,
): Signal {
  switch (fact.type) {
    case 'plan-run-ended':
      return { type: 'plan-ended', planRunId: fact.planRunId, outcome: fact.outcome };
    case 'plan-expired':
      return { type: 'plan-expired', planRunId: fact.planRunId };
    case 'evaluation-stale':
      return {
        type: 'evaluation-stale',
        evaluationId: fact.evaluationId,
        ...(fact.state === undefined ? {} : { state: fact.state }),
      };
    case 'attempt-ended':
      return { type: 'attempt-ended', attemptId: fact.attemptId, outcome: fact.outcome };
    case 'attempt-lost':
      return { type: 'attempt-lost', attemptId: fact.attemptId, reason: fact.reason };
    case 'attempt-resolved':
      return { type: 'attempt-resolved', attemptId: fact.attemptId, as: fact.as, reason: fact.reason };
  }
}

/** Whatever was on its way to be applied waits again when the approval it went on is gone, though another be there, and is asked about again. */
function settleUnapproved(before: Change, decision: Decision, at: string): Decision {
  const { ticket } = decision.change;
  const isLost = (project: Project) => {
    const wentOn = approvalOf(before, project);
    return wentOn !== undefined && approvalNamed(decision.change, wentOn, project.key) === undefined;
  };
  const rejected = ticket.status === 'open' && ticket.review.status === 'rejected';
  if (rejected || !decision.change.projects.some(isLost)) return decision;
  return settle(signal(decision, at, { type: 'review-again' }, isLost), at);
}

/** The approval that a project is to be applied under: what its gates judged, or what they were to judge. */
function approvalOf(before: Change, project: Project): ApprovalRef | undefined {
  if (project.status === 'applying') return project.approval;
  const approval = approvalInForce(before, project.key);
  return approval === undefined ? undefined : refOf(approval);
}

function keepingHolds(before: Change, decision: Decision): Decision {
  const { change } = decision;
  const holds = holdsAfter(before, change);
  const same = holds.length === change.holds.length && holds.every((hold, i) => hold === change.holds[i]);
  return same ? decision : withChange(decision, { holds });
}

/** The projects whose hold ends here. */
function letGo(before: Change, after: Change): readonly Effect[] {
  const kept = new Set(after.holds.map(({ project }) => project));
  const projects = before.holds.flatMap(({ project }) => (kept.has(project) ? [] : [project]));
  return projects.length === 0 ? [] : [{ type: 'tell-waiting', projects }];
}

/** One evaluation for all projects asked at once, nothing twice, and what people see shown anew whenever it moved. */
function tidied(effects: readonly Effect[], moved: boolean): readonly Effect[] {
  const asked = effects.flatMap((effect) => (effect.type === 'collect-evidence' ? effect.projects : []));
  const others = effects.filter((effect) => effect.type !== 'collect-evidence');
  const once = new Map(others.map((effect) => [canonicalize(effect), effect]));
  const evaluation: Effect[] = asked.length === 0 ? [] : [{ type: 'collect-evidence', projects: asked }];
  const shown: Effect[] = moved ? [{ type: 'publish-note' }, { type: 'publish-status' }] : [];
  return [...once.values(), ...evaluation, ...shown];
}

function hasMoved(before: Change, after: Change): boolean {
  const parts = [
    'ticket',
    'release',
    'merge',
    'revision',
    'notAdmitted',
    'newerHead',
    'holds',
    'verifications',
    'breakGlass',
    'debts',
  ] as const;
  return (
    parts.some((part) => before[part] !== after[part]) ||
    before.projects.length !== after.projects.length ||
    before.projects.some((project, i) => project !== after.projects[i])
  );
}
