import { plannedProjects } from './approved-tuple.ts';
import type { Change } from './change.ts';
import { type Demand, demandOfAll } from './demand.ts';
import type { Effect } from './effect.ts';

export type ReminderStage = 'reminded' | 'escalated';

/** That a review takes longer than its tier lets it. */
export interface ReminderDue {
  key: string;
  round: number;
  stage: ReminderStage;
  /** Since when the ticket waits for a decision, RFC 3339. */
  since: string;
  /** Groups that are told once it is escalated. */
  to: readonly string[];
  /** Seconds to let pass before the same is said of others. */
  periodSeconds: number;
}

/** What was said last, and when (RFC 3339). */
export interface Reminded {
  key: string;
  round: number;
  stage: ReminderStage;
  at: string;
  /** Names of those who were named. */
  people: readonly string[];
  to: readonly string[];
  /** It says that nobody is waited for any more. */
  over?: true;
}

/** Whether somebody has to be reminded of the review at a time; `undefined` when it is too early, or decided. */
export function reminderDue(change: Change, at: string): ReminderDue | undefined {
  const { ticket } = change;
  if (ticket.status !== 'open' || ticket.review.status !== 'in-review') return undefined;
  const { key, review } = ticket;
  const { escalate, remindAfterSeconds } = demandOf(change);
  const waited = (Date.parse(at) - Date.parse(review.since)) / 1000;
  const isEscalated = escalate !== undefined && waited >= escalate.afterSeconds;
  const isReminded = remindAfterSeconds !== undefined && waited >= remindAfterSeconds;
  if (!isEscalated && !isReminded) return undefined;
  return {
    key,
    round: review.round,
    stage: isEscalated ? 'escalated' : 'reminded',
    since: review.since,
    to: isEscalated ? escalate.to : [],
    periodSeconds: remindAfterSeconds ?? escalate?.afterSeconds ?? 0,
  };
}

/** Whether it is to be said now: at once where the stage is another one, else once in a period. */
export function isToBeSaid(due: ReminderDue, said: Reminded | undefined, at: string): boolean {
  if (said === undefined || said.over === true || !isOf(said, due) || said.stage !== due.stage) return true;
  return Date.parse(at) - Date.parse(said.at) >= due.periodSeconds * 1000;
}

/** What was said on the ticket is true no more once the review it was said of is over, however that came. */
export function endReminder(before: Change, after: Change): Effect[] {
  const { ticket } = before;
  if (ticket.status !== 'open' || ticket.review.status !== 'in-review') return [];
  const { escalate, remindAfterSeconds } = demandOf(before);
  if (escalate === undefined && remindAfterSeconds === undefined) return [];
  const now = after.ticket;
  const goesOn =
    now.status === 'open' &&
    now.key === ticket.key &&
    now.review.status === 'in-review' &&
    now.review.round === ticket.review.round;
  return goesOn ? [] : [{ type: 'remind-approvers' }];
}

function demandOf(change: Change): Demand {
  return demandOfAll(plannedProjects(change).map(({ plan }) => plan.demand));
}

/** Whether what was said is of this review. */
export function isOf(said: Reminded, { key, round }: Pick<ReminderDue, 'key' | 'round'>): boolean {
  return said.key === key && said.round === round;
}
