import { type BreakGlass, confirming } from '#domain/break-glass.ts';
import type { Change, Debt, OwedDebt } from '#domain/change.ts';
import { owedDebts } from '#domain/debts.ts';
import type { Asker } from '#domain/project.ts';
import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';
import {
  clause,
  inlineCode,
  link,
  minute,
  oneLine,
  plainSentence,
  prose,
  sentence,
  shortened,
} from './escape.ts';

/** Where an emergency stands, for those who read the merge request: who asked, who confirmed, what is left out, what is owed. */
export function emergencyNote(told: {
  glass: BreakGlass;
  debt: Debt | undefined;
  pageUrl: string;
  ticketUrl: string;
}): string {
  const { debt, glass, pageUrl, ticketUrl } = told;
  const owed = debt === undefined ? [] : [debtInMarkdown(debt, ticketUrl)];
  return [
    `**${headline(glass)}** ${statusInWords(glass)}`,
    facts(glass)
      .map(([name, text]) => `- ${name}: ${prose(text, 600)}`)
      .join('\n'),
    ...owed,
    link('Gates and evidence', pageUrl),
  ].join('\n\n');
}

/** What everybody who reads about the change has to know: an emergency that waits for its second person, and what is owed. Markdown. */
export function emergencyLines(change: Change): string[] {
  const { breakGlass: glass } = change;
  const asked =
    glass?.status === 'asked'
      ? [
          `**An emergency waits for a second person** to comment ${inlineCode(confirming(glass))}, until ${minute(glass.until)}: ${clause(glass.reason)}`,
        ]
      : [];
  const owed = owedDebts(change).map(
    (debt) =>
      `${debtInMarkdown(debt, debt.ticket.url)} It was applied in an emergency: ${clause(debt.glass.reason)}`,
  );
  return [...asked, ...owed];
}

function debtInMarkdown(debt: Debt, ticketUrl: string): string {
  const ticket = link(debt.ticket.key, ticketUrl);
  if (debt.status === 'paid') return `**Approved afterwards** on ${ticket}, ${minute(debt.paidAt)}.`;
  return `**${debt.overdue === true ? 'Overdue' : 'Still to be approved'}**: ${ticket} has to be approved afterwards until ${minute(debt.due)}. ${rejected(debt)}`.trim();
}

function rejected({ rejections }: OwedDebt): string {
  return rejections.length === 0
    ? ''
    : 'It was **rejected afterwards**: roll it back (`countersign rollback`) or mend it, then have it approved.';
}

/** The same on the ticket. Loud on purpose: whoever approves has to see that it did not wait for them. */
export function emergencyOnTicket(glass: BreakGlass, pageUrl: string): TicketBlock[] {
  return [
    {
      kind: 'panel',
      tone: glass.status === 'over' && glass.usedAt === undefined ? 'info' : 'error',
      parts: [
        { text: headline(glass), style: 'strong' },
        { text: ` ${statusInWords(glass).replaceAll('`', '')}` },
      ],
    },
    {
      kind: 'bullets',
      items: facts(glass).map(([name, text]) => [
        { text: `${name}: `, style: 'strong' as const },
        { text: shortened(oneLine(text), 600) },
      ]),
    },
    { kind: 'paragraph', parts: [{ text: 'Gates and evidence', href: pageUrl }, { text: '.' }] },
  ];
}

/** What a decision means on a ticket whose plans were applied before anybody approved them. */
export function whatAfterwardsMeans({ due }: OwedDebt): TicketText[] {
  return [
    { text: `Applied in an emergency, to be approved afterwards until ${minute(due)}.`, style: 'strong' },
    { text: ' ' },
    { text: 'Approved', style: 'strong' },
    { text: ' says that it was right; ' },
    { text: 'Rejected', style: 'strong' },
    { text: ', that it has to be taken back or mended.' },
  ];
}

/** Asks for the approval afterwards; `why` says what became of an earlier decision. */
export function approveAfterwards(debt: OwedDebt, why: string | undefined, pageUrl: string): TicketBlock[] {
  const { due, glass, projects } = debt;
  return [
    {
      kind: 'panel',
      tone: 'warning',
      parts: [
        { text: `Approve afterwards until ${minute(due)}.`, style: 'strong' },
        {
          text: ` ${why === undefined ? `What this ticket shows was applied to ${shortened(projects.join(', '), 300)} in an emergency.` : plainSentence(why)} Approving says that it was right; rejecting, that it has to be taken back or mended.`,
        },
      ],
    },
    {
      kind: 'paragraph',
      parts: [
        {
          text: `Neither ${nameOf(glass.by)}, who asked for it, nor ${nameOf(glass.confirmedBy)}, who confirmed it, may approve it. `,
        },
        { text: 'See what was applied', href: pageUrl },
        { text: '.' },
      ],
    },
  ];
}

/** Nobody approved it in time: an escalation. */
export function debtIsOverdue({ due, glass, projects }: OwedDebt, pageUrl: string): TicketBlock[] {
  return [
    {
      kind: 'panel',
      tone: 'error',
      parts: [
        { text: 'Overdue: nobody has approved this afterwards.', style: 'strong' },
        {
          text: ` ${shortened(projects.join(', '), 300)} was changed in an emergency (${shortened(oneLine(glass.reason), 300)}) and was to be approved until ${minute(due)}. `,
        },
        { text: 'See what was applied', href: pageUrl },
      ],
    },
  ];
}

/** It is approved afterwards; nothing is owed any more. */
export function debtIsPaid(names: readonly string[]): TicketBlock[] {
  return [
    {
      kind: 'panel',
      tone: 'success',
      parts: [
        { text: 'Approved afterwards.', style: 'strong' },
        { text: ` ${shortened(names.join(', '), 300)} approved what was applied in the emergency.` },
      ],
    },
  ];
}

function headline(glass: BreakGlass): string {
  switch (glass.status) {
    case 'asked':
      return 'EMERGENCY: an operator wants this applied before it is approved.';
    case 'confirmed':
      return 'EMERGENCY: the glass is broken, and this is applied without its approval.';
    case 'over':
      return glass.usedAt === undefined
        ? 'The emergency is over; nothing was applied for it.'
        : 'EMERGENCY: this was applied without its approval.';
  }
}

function statusInWords(glass: BreakGlass): string {
  switch (glass.status) {
    case 'asked':
      return `Nothing happens before a second person comments ${inlineCode(confirming(glass))} in the merge request, until ${minute(glass.until)}.`;
    case 'confirmed':
      return `Two people decided that it cannot wait. It is good until ${minute(glass.until)}.`;
    case 'over':
      return sentence(glass.why);
  }
}

function facts(glass: BreakGlass): [string, string][] {
  const { askedAt, by, projects, reason, tier, waives } = glass;
  return [
    ['Reason', reason],
    ['Asked by', `${nameOf(by)}, ${minute(askedAt)}`],
    ...(glass.status === 'asked' || glass.confirmedBy === undefined
      ? []
      : ([['Confirmed by', `${nameOf(glass.confirmedBy)}, ${minute(glass.confirmedAt ?? askedAt)}`]] as [
          string,
          string,
        ][])),
    ['Projects', projects.join(', ')],
    [`Not asked (${tier})`, waives.join(', ')],
  ];
}

/** The name that the directory had for them when they asked; the account beside it says who that is in GitLab. */
function nameOf({ name, person, username }: Asker): string {
  if (name !== undefined) return `${name} (${username})`;
  return person === undefined || person === username ? username : `${username} (${person})`;
}
