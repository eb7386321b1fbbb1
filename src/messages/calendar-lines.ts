import type { CalendarFreeze, CalendarReading } from '#domain/calendar.ts';
import type { TicketBlock } from '#domain/ticket-document.ts';
import { inlineCode, oneLine, prose, shortened } from './escape.ts';
import type { ChangeModel } from './note-model.ts';

/** Windows and freezes that concern the change, said before they bite. Markdown, a line for all projects that have them alike. */
export function calendarLines({ calendar }: Pick<ChangeModel, 'calendar'>): string[] {
  const alike = [...sharedBy(calendar)];
  return alike.map(([text, keys]) => {
    const whom = alike.length === 1 ? '' : `${keys.map((key) => inlineCode(key)).join(', ')}: `;
    return `${whom}${prose(text, MOST)}`;
  });
}

/** The same for whoever decides on the ticket; nothing where it may be applied at any time. */
export function calendarBlocks({ calendar }: Pick<ChangeModel, 'calendar'>): TicketBlock[] {
  const alike = [...sharedBy(calendar)];
  if (alike.length === 0) return [];
  return [
    { kind: 'heading', level: 2, text: 'When it may be applied' },
    {
      kind: 'bullets',
      items: alike.map(([text, keys]) => [
        ...(alike.length === 1
          ? []
          : [{ text: shortened(keys.join(', '), 300), style: 'code' as const }, { text: ': ' }]),
        { text: shortened(oneLine(text), MOST) },
      ]),
    },
  ];
}

const MOST = 2_000;

function sharedBy(calendar: ChangeModel['calendar']): Map<string, string[]> {
  const alike = new Map<string, string[]>();
  for (const [key, reading] of calendar) {
    const text = inWords(reading);
    if (text !== '') alike.set(text, [...(alike.get(text) ?? []), key]);
  }
  return alike;
}

function inWords(reading: CalendarReading): string {
  const { freeAt, freezes, opensAt } = reading;
  const sentences = [...windowsInWords(reading), ...freezes.map(freezeInWords)];
  // Where a freeze lies over the next window, the first time of all is another one.
  const isLater =
    freeAt !== undefined && freeAt.at !== (opensAt ?? freezes.find(({ holds }) => holds)?.until)?.at;
  return [...sentences, ...(isLater ? [`It may be applied from ${freeAt.local} on.`] : [])].join(' ');
}

function windowsInWords({ closesAt, open, opensAt, windows }: CalendarReading): string[] {
  if (windows.length === 0) return [];
  const names = windows.map(({ name, times }) => `${name}, ${times}`).join('; ');
  const now = open
    ? `open${closesAt === undefined ? '' : ` until ${closesAt.local}`}`
    : opensAt === undefined
      ? 'not open within a year'
      : `opens ${opensAt.local}`;
  return [`Change window: ${names}; ${now}.`];
}

function freezeInWords({ from, holds, name, reason, until }: CalendarFreeze): string {
  return holds
    ? `Frozen until ${until.local}: ${name} (${reason}).`
    : `Freeze ahead, from ${from.local} until ${until.local}: ${name} (${reason}).`;
}
