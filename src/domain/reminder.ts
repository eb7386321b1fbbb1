import { plannedProjects } from './approved-tuple.ts';
import type { Change } from './change.ts';
import { demandOfAll } from './demand.ts';

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
}

/** Whether somebody has to be reminded of the review at a time; `undefined` when it is too early, or decided. */
export function reminderDue(change: Change, at: string): ReminderDue | undefined {
  const { ticket } = change;
  if (ticket.status !== 'open' || ticket.review.status !== 'in-review') return undefined;
  const { key, review } = ticket;
  const { escalate, remindAfterSeconds } = demandOfAll(
    plannedProjects(change).map(({ plan }) => plan.demand),
  );
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
  if (said === undefined || !isOf(said, due) || said.stage !== due.stage) return true;
  return Date.parse(at) - Date.parse(said.at) >= due.periodSeconds * 1000;
}

/** Whether what was said is of this review. */
export function isOf(said: Reminded, { key, round }: Pick<ReminderDue, 'key' | 'round'>): boolean {
  return said.key === key && said.round === round;
}
