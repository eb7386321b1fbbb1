import { KIND_NAMES, type Mandate, nameOfMandate, type Terms, termsHash } from '#domain/mandate.ts';
import type { TicketBlock, TicketContent, TicketText } from '#domain/ticket-document.ts';
import { minute, oneLine, shortened } from './escape.ts';

/** The ticket of a mandate: what it would allow, to whom or what, how much and until when, and what approving it means. */
export function mandateTicket({ terms }: Pick<Mandate, 'terms'>, requester: string): TicketContent {
  const kind = KIND_NAMES[terms.kind];
  const name = shortened(oneLine(nameOfMandate({ terms })), 150);
  return {
    summary: shortened(
      `${kind.charAt(0).toUpperCase()}${kind.slice(1)}: ${name}, until ${day(terms.until)}`,
      255,
    ),
    body: [
      { kind: 'panel', tone: 'warning', parts: meaning(terms) },
      { kind: 'heading', level: 2, text: 'The terms' },
      { kind: 'bullets', items: [...termsInWords(terms), line('Asked for by', oneLine(requester))] },
      { kind: 'heading', level: 2, text: 'What the approval is bound to' },
      { kind: 'code', language: 'json', text: JSON.stringify(terms, undefined, 2) },
      { kind: 'code', text: `terms ${termsHash(terms)}` },
    ],
  };
}

/** The last comment of a mandate's ticket. */
export function mandateEnded(reason: string): TicketBlock[] {
  return [
    {
      kind: 'panel',
      tone: 'info',
      parts: [
        { text: 'Ended: nothing more is done under these terms.', style: 'strong' },
        { text: ` ${shortened(oneLine(reason), 1_000)}` },
      ],
    },
  ];
}

function meaning(terms: Terms): TicketText[] {
  const end: TicketText = {
    text: ` It ends at ${minute(terms.until)}, as soon as somebody moves this ticket out of Approved, and with \`countersign mandate end\`. Whoever asks for it${terms.kind === 'operator-grant' ? ', or gets it,' : ''} cannot approve it.`,
  };
  switch (terms.kind) {
    case 'standing-approval':
      return [
        { text: 'Approved', style: 'strong' },
        {
          text: ' lets every change within these terms be applied with nobody asked again, in the name of whoever approves this ticket.',
        },
        end,
      ];
    case 'operator-grant':
      return [
        { text: 'Approved', style: 'strong' },
        { text: ` makes ${oneLine(terms.person)} an operator of these projects for this time.` },
        end,
      ];
  }
}

function termsInWords(terms: Terms): TicketText[][] {
  const where = [
    line('Projects', terms.projects.map(oneLine).join(', ')),
    line('Repository', terms.repository === undefined ? 'every one' : `number ${terms.repository}`),
  ];
  const until = line('Until', minute(terms.until));
  switch (terms.kind) {
    case 'standing-approval': {
      const { changesPerDay, destroys, replaces, resourcesPerChange } = terms.most;
      return [
        line('Plans of tier', oneLine(terms.tier)),
        ...where,
        line(
          'Changes within 24 hours',
          changesPerDay === undefined ? 'any number' : `at most ${changesPerDay}`,
        ),
        line(
          'Resources that one change touches',
          resourcesPerChange === undefined ? 'any number' : `at most ${resourcesPerChange}`,
        ),
        line('Of them destroyed or forgotten', destroys === 0 ? 'none' : `at most ${destroys}`),
        line('Of them replaced', replaces === 0 ? 'none' : `at most ${replaces}`),
        until,
      ];
    }
    case 'operator-grant':
      return [
        line('Person', oneLine(terms.person)),
        ...where,
        line('Reason', shortened(oneLine(terms.reason), 1_000)),
        until,
      ];
  }
}

function line(name: string, value: string): TicketText[] {
  return [{ text: `${name}: ` }, { text: value, style: 'strong' }];
}

function day(time: string): string {
  return time.slice(0, 10);
}
