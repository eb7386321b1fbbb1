import type { Change } from '#domain/change.ts';
import { owedDebts } from '#domain/debts.ts';
import { isEarly } from '#domain/early.ts';
import { isOrdered } from '#domain/ordered.ts';
import { isInAdvance } from '#domain/in-advance.ts';
import { isOver, missedByMerge, waitsForMerge } from '#domain/over.ts';
import type { Blocked, Project } from '#domain/project.ts';
import { isForecast } from '#domain/waves.ts';
import { tagTroubleInWords } from '#domain/tag-standing.ts';
import { waitedFor } from './waited-for.ts';
import { minute } from '#domain/minute.ts';

/** Who has to do what so that a change moves on. `tone` says whether it waits, needs somebody, or is over. */
export interface NextStep {
  who: 'Countersign' | 'approver' | 'operator' | 'requester' | 'nobody';
  what: string;
  tone: 'working' | 'waiting' | 'attention' | 'over';
}

/** The most urgent thing to do about a change; what a person must repair comes before what anybody waits for. */
export function nextStep(change: Change): NextStep {
  const [owed] = owedDebts(change);
  if (owed !== undefined && (change.merge.status === 'closed' || isOver(change)))
    return attention(
      'approver',
      `Approve on ${owed.ticket.key} what was applied in an emergency, until ${minute(owed.due)}.`,
    );
  const [altered] = change.alteredTags ?? [];
  if (altered !== undefined) {
    const { sha, standing, tag } = altered;
    return attention('operator', `The release tag ${tag} ${tagTroubleInWords(standing, sha)}: put it right.`);
  }
  if (change.merge.status === 'merged' && isOver(change)) return afterMerge(change);
  if (change.merge.status === 'closed') return over('Closed without being merged.');
  if (change.notAdmitted !== undefined)
    return attention('requester', `No plan is made: ${change.notAdmitted.reason}`);
  if (change.release.status === 'refused') {
    return attention(
      'operator',
      `Make room for the release tag ${change.release.tag}: ${change.release.reason}`,
    );
  }
  // A forecast asks nothing of anybody before the wave in front of it is applied.
  const present = change.projects.filter((project) => !isForecast(change, project));
  const steps = (present.length > 0 ? present : change.projects).map((project) => stepOf(project, change));
  const first = ORDER.flatMap((tone) => steps.filter((step) => step.tone === tone))[0];
  return first ?? working('Reads the merge request.');
}

function afterMerge({ projects }: Change): NextStep {
  const missed = projects.filter(missedByMerge).map(({ name }) => name);
  return missed.length === 0
    ? over('Merged. Nothing is left to do.')
    : attention(
        'operator',
        `Merged, but ${missed.join(', ')} was not applied: propose it again, or take it back.`,
      );
}

const ORDER = ['attention', 'working', 'waiting', 'over'] as const;

function stepOf(project: Project, change: Change): NextStep {
  const ticket = 'key' in change.ticket ? change.ticket.key : 'the ticket';
  switch (project.status) {
    case 'opening-ticket':
      return working('Opens the ticket.');
    case 'planning':
      return working(`Plans ${project.key}.`);
    case 'held':
      return waiting('nobody', `Waits for !${project.by.iid}, which holds ${project.by.project}.`);
    case 'plan-failed':
      return attention(
        'requester',
        `Repair the plan of ${project.key}: push a fix, or comment “countersign plan”.`,
      );
    case 'no-changes':
      return over('Nothing would change.');
    case 'awaiting-approval':
      if (isInAdvance(change)) return working(`Looks for a standing approval that covers ${project.key}.`);
      return waiting('approver', review(change, ticket));
    case 'rejected':
      return attention(
        'requester',
        `${ticket} was rejected. Push a new version, or close the merge request.`,
      );
    case 'expired':
      return attention('requester', `The approval of ${project.key} expired. Comment “countersign plan”.`);
    case 'gating':
      return working(`Checks the gates of ${project.key}.`);
    case 'blocked':
      if (isEarly(project))
        return waiting(goesByItself(project) ? 'nobody' : 'operator', waitsForTime(project));
      return attention('requester', blockedBy(project.reasons[0], project.reasons.length));
    case 'ready':
      if (waitsForMerge(change))
        return waiting('requester', `Merge the merge request: ${project.key} is applied right after.`);
      return waiting('operator', `Comment “countersign apply” to apply ${project.key}.`);
    case 'applying':
      return working(`Applies ${project.key}.`);
    case 'applied':
      return working('Makes the release tag.');
    case 'apply-failed':
      return attention('operator', `The apply of ${project.key} failed: ${project.reason}`);
    case 'apply-interrupted':
      return attention(
        'operator',
        `Find out what became of ${project.key}, then comment “countersign resolve”.`,
      );
    case 'released':
      return change.revision?.mergeAfterApply === false
        ? waiting('requester', 'Applied and tagged. Merge the merge request.')
        : working('Merges the merge request.');
    case 'applied-unmerged':
      return attention('requester', `Applied, but GitLab refuses to merge: ${project.reason}`);
    case 'merged':
      return over('Merged. Nothing is left to do.');
    case 'cancelled':
      return over('Cancelled. Push, or comment “countersign plan”, to start again.');
    case 'closed':
      return over('Closed without being merged.');
  }
}

function review(change: Change, ticket: string): string {
  const whose = waitedFor(change);
  const wanted = whose === undefined ? '' : `; it waits for ${whose}`;
  return `Review the plan and move ${ticket} to Approved or Rejected${wanted}.`;
}

/** Of several, what clears last. */
function waitsForTime({ key, reasons }: Blocked): string {
  const [last] = reasons.toSorted((a, b) => Date.parse(b.until ?? '') - Date.parse(a.until ?? ''));
  return `Approved; ${key} waits for its time: ${last?.reason ?? ''}. Next: ${last?.remedy ?? ''}.`;
}

/** What is applied on command has been commanded already, or still may be. */
function goesByItself(project: Blocked): boolean {
  return isOrdered(project) || (project.applyOn !== 'command' && project.commandNeeded !== true);
}

function blockedBy(reason: { remedy: string; reason: string } | undefined, count: number): string {
  if (reason === undefined) return 'A gate is closed.';
  const others = count > 1 ? ` (and ${count - 1} more)` : '';
  return `${reason.remedy || reason.reason}${others}`;
}

const working = (what: string): NextStep => ({ who: 'Countersign', what, tone: 'working' });
const waiting = (who: NextStep['who'], what: string): NextStep => ({ who, what, tone: 'waiting' });
const attention = (who: NextStep['who'], what: string): NextStep => ({ who, what, tone: 'attention' });
const over = (what: string): NextStep => ({ who: 'nobody', what, tone: 'over' });
