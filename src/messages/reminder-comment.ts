import type { Change } from '#domain/change.ts';
import type { Person } from '#domain/gates/evidence.ts';
import { nameOfAccount } from '#domain/gates/people.ts';
import type { ReminderDue } from '#domain/reminder.ts';
import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';
import { placesInWords, type Wanted } from './approvers.ts';
import { minute, oneLine, shortened } from './escape.ts';

/** More people than this are not called by name: everybody’s task is nobody’s. */
const MOST_PEOPLE = 12;

/** On a ticket that waits for longer than its tier lets it: for whom, since when, and who is told of it. */
export function reminderComment(told: {
  due: ReminderDue;
  wanted: readonly Wanted[];
  /** People of the groups to which it is escalated. */
  told: readonly Person[];
  pageUrl: string;
}): TicketBlock[] {
  const { due, pageUrl, wanted } = told;
  const isEscalated = due.stage === 'escalated';
  return [
    {
      kind: 'panel',
      tone: isEscalated ? 'warning' : 'info',
      parts: [
        { text: `In review since ${minute(due.since)}.`, style: 'strong' },
        { text: ' Nobody has decided yet, and the change waits for it.' },
      ],
    },
    { kind: 'bullets', items: wanted.filter(({ people }, i) => i === 0 || people.length > 0).map(waitedFor) },
    ...(isEscalated ? [escalation(due.to, told.told)] : []),
    {
      kind: 'paragraph',
      parts: [{ text: 'See the plans and what is asked for', href: pageUrl }, { text: '.' }],
    },
  ];
}

/** What becomes of it once the review that it was said of is over. */
export function reminderOver(told: {
  change: Change;
  people: readonly Person[];
  pageUrl: string;
}): TicketBlock[] {
  const how = howItEnded(told.change, told.people);
  return [
    {
      kind: 'panel',
      tone: 'info',
      parts: [{ text: 'Nobody is waited for any more', style: 'strong' }, { text: `: ${how}.` }],
    },
    { kind: 'paragraph', parts: [{ text: 'How it goes on', href: told.pageUrl }, { text: '.' }] },
  ];
}

function howItEnded({ ticket }: Change, people: readonly Person[]): string {
  if (ticket.status !== 'open') return 'the review is over';
  const { review } = ticket;
  switch (review.status) {
    case 'approved':
    case 'rejected': {
      const { account, decidedAt, decider } = review.verdict;
      const who = decider?.name ?? nameOfAccount(people, account);
      return `${shortened(oneLine(who), 100)} ${review.status} it on ${minute(decidedAt)}`;
    }
    case 'withdrawn':
    case 'presenting':
      return `it was taken out of review${review.why === undefined ? '' : `, since ${shortened(oneLine(review.why), 300)}`}`;
    case 'in-review':
    case 'standing':
      return 'that review is over';
  }
}

function waitedFor({ left, people, step }: Wanted): TicketText[] {
  const who = placesInWords(step, left, (group) => `“${shortened(oneLine(group), 80)}”`);
  return [
    { text: 'Waits for ' },
    { text: who, style: 'strong' },
    ...(people.length === 0
      ? [{ text: '; nobody of the directory who could is there just now' }]
      : [{ text: ': ' }, ...names(people)]),
  ];
}

function escalation(to: readonly string[], people: readonly Person[]): TicketBlock {
  const groups = to.map((group) => shortened(oneLine(group), 80)).join(', ');
  return {
    kind: 'paragraph',
    parts: [
      { text: `Escalated to ${groups}`, style: 'strong' },
      ...(people.length === 0 ? [{ text: '.' }] : [{ text: ': ' }, ...names(people), { text: '.' }]),
    ],
  };
}

function names(people: readonly Person[]): TicketText[] {
  const shown = people
    .slice(0, MOST_PEOPLE)
    .flatMap((person, i) => [...(i === 0 ? [] : [{ text: ', ' }]), mention(person)]);
  const left = people.length - MOST_PEOPLE;
  return left > 0 ? [...shown, { text: ` and ${left} more` }] : shown;
}

/** Somebody without an account in the ticket system is named and cannot be called. */
function mention({ jiraAccounts: [account], name }: Person): TicketText {
  const text = shortened(oneLine(name), 100);
  return account === undefined ? { text } : { text, mention: account };
}
