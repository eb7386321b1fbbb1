import type { Change } from '#domain/change.ts';
import type { MandateRef, Terms } from '#domain/mandate.ts';
import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';
import { oneLine, plainSentence, shortened } from './escape.ts';

/** A standing approval as people are told it: "dns records (CHG-7), approved by Ada". */
function mandateInWords({ approver, key, name }: MandateRef): string {
  return `${shortened(oneLine(name), 100)} (${key}), approved by ${shortened(oneLine(approver), 100)}`;
}

/** What a standard change's own ticket is for, with the standing approval that covers it, where one was found. */
export function inAdvanceMeaning(tier: string, mandate: MandateRef | undefined): TicketText[] {
  const by =
    mandate === undefined
      ? 'Whether a standing approval covers it the gates find out; where none does, this ticket goes to review.'
      : `It goes by the standing approval ${mandateInWords(mandate)}, if the gates find it so when it is applied.`;
  return [
    { text: 'Nobody is asked to decide.', style: 'strong' },
    { text: ` Tier ${shortened(oneLine(tier), 100)} is approved in advance. ${by}` },
  ];
}

/** Told before a standard change is applied. */
export function startedInAdvance(mandate: MandateRef, pageUrl: string): TicketBlock[] {
  return [
    {
      kind: 'panel',
      tone: 'info',
      parts: [
        { text: 'Applied with nobody asked.', style: 'strong' },
        { text: ` The standing approval ${mandateInWords(mandate)}, covers it. ` },
        { text: 'See what was looked at', href: pageUrl },
        { text: '.' },
      ],
    },
  ];
}

/** On the ticket that is put in front of an approver though it was to go without one. */
export function askedAfterAll({ ticket }: Change): TicketBlock[] {
  if (ticket.status !== 'open' || ticket.review.status !== 'presenting') return [];
  const { notCovered, why = '' } = ticket.review;
  if (notCovered !== true) return [];
  return [{ kind: 'panel', tone: 'warning', parts: afterAll(why) }];
}

/** Told when a standard change is covered by no standing approval, so that its ticket goes to review. */
export function notInAdvance(why: string, pageUrl: string): TicketBlock[] {
  return [
    {
      kind: 'panel',
      tone: 'warning',
      parts: [...afterAll(why), { text: 'See what was looked at', href: pageUrl }, { text: '.' }],
    },
  ];
}

function afterAll(why: string): TicketText[] {
  return [{ text: 'An approver is asked after all.', style: 'strong' }, { text: ` ${plainSentence(why)} ` }];
}

/** In the ticket's last comment: under which mandates it ran, if it did. */
export function ranUnder(used: readonly (MandateRef & { kind: Terms['kind'] })[]): TicketBlock[] {
  return used.map(({ kind, ...mandate }) => {
    const text =
      kind === 'standing-approval'
        ? `Applied with nobody asked, under the standing approval ${mandateInWords(mandate)}.`
        : `Commanded by virtue of ${mandateInWords(mandate)}.`;
    return { kind: 'paragraph', parts: [{ text }] };
  });
}
