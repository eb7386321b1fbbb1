import type { CalendarFreeze, CalendarReading } from '#domain/calendar.ts';
import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';
import { plural } from './counts.ts';
import { inlineCode, oneLine, prose, shortened } from './escape.ts';
import type { ChangeModel } from './note-model.ts';

/** Windows and freezes that concern the change, said before they bite. Markdown, a line for all projects that have them alike. */
export function calendarLines({ calendar }: Pick<ChangeModel, 'calendar'>): string[] {
  const { alike, left } = sharedBy(calendar);
  const lines = alike.map(([text, keys]) => {
    const whom = alike.length === 1 ? '' : `${someOf(keys.map((key) => inlineCode(key)))}: `;
    return `${whom}${prose(text, MOST)}`;
  });
  return left === '' ? lines : [...lines, left];
}

/** The same for whoever decides on the ticket; nothing where it may be applied at any time. */
export function calendarBlocks({ calendar }: Pick<ChangeModel, 'calendar'>): TicketBlock[] {
  const { alike, left } = sharedBy(calendar);
  if (alike.length === 0) return [];
  const items = alike.map(([text, keys]): TicketText[] => [
    ...(alike.length === 1
      ? []
      : [
          { text: someOf(keys.map((key) => shortened(oneLine(key), 100))), style: 'code' as const },
          { text: ': ' },
        ]),
    { text: shortened(oneLine(text), MOST) },
  ]);
  return [
    { kind: 'heading', level: 2, text: 'When it may be applied' },
    { kind: 'bullets', items: left === '' ? items : [...items, [{ text: left }]] },
  ];
}

const MOST = 2_000;

const MOST_KINDS = 6;
const MOST_NAMES = 5;

/** What is said of which projects, and that there is more where it is too much to be read. */
function sharedBy(calendar: ChangeModel['calendar']): {
  alike: [text: string, keys: string[]][];
  left: string;
} {
  const all = new Map<string, string[]>();
  for (const [key, reading] of calendar) {
    const text = inWords(reading);
    if (text !== '') all.set(text, [...(all.get(text) ?? []), key]);
  }
  const alike = [...all].slice(0, MOST_KINDS);
  const left = [...all].slice(MOST_KINDS).flatMap(([, keys]) => keys).length;
  return {
    alike,
    left:
      left === 0
        ? ''
        : `${plural(left, 'more project')} ${left === 1 ? 'has' : 'have'} windows or freezes of their own.`,
  };
}

function someOf(names: readonly string[]): string {
  const left = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
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
