import { z } from 'zod';
import { WEEKDAYS } from '#domain/calendar.ts';
import { pathPattern } from './rule-schema.ts';
import { tierName } from './tier-schema.ts';

const name = z.string().min(1).max(100);
const day = z.iso.date('expected a day such as 2026-12-24');
const whenFrozen =
  'expected a day such as 2026-12-24, or a time with its offset such as 2026-12-24T18:00:00+01:00';
const dayOrMoment = z.union([z.iso.date(whenFrozen), z.iso.datetime({ offset: true, error: whenFrozen })]);

const timeZone = z
  .string()
  .refine(isZone, 'expected the name of a time zone such as Europe/Berlin')
  .describe('An IANA time zone such as `Europe/Berlin`.');

const scope = {
  tiers: z.array(tierName).min(1).exactOptional().describe('Tiers it concerns. Default: all.'),
  match: z
    .array(pathPattern)
    .min(1)
    .max(100)
    .exactOptional()
    .describe('Patterns of the folders it concerns. Default: all.'),
  labels: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe('Labels that the projects it concerns have, all of them. Default: any.'),
};

const windowSchema = z
  .strictObject({
    name: name.describe('What people call it.'),
    ...scope,
    days: z
      .array(z.enum(WEEKDAYS))
      .min(1)
      .default([...WEEKDAYS])
      .describe('Days on which it begins. Default: all.'),
    from: z
      .string()
      .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected a time such as "22:00"')
      .describe('When it opens, by the clock on the wall.'),
    to: z
      .string()
      .regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'expected a time such as "02:00", or "24:00"')
      .describe('When it closes; on the next day where that is earlier than `from`.'),
    zone: timeZone.exactOptional(),
    exceptHolidays: z
      .boolean()
      .exactOptional()
      .describe('`true`: it does not begin on a holiday of the server’s.'),
  })
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    error: 'the window is empty; all day is from "00:00" to "24:00"',
  });

const freezeSchema = z
  .strictObject({
    name: name.describe('What people call it.'),
    ...scope,
    from: dayOrMoment.describe('Its first day, or the time at which it begins.'),
    until: dayOrMoment.describe('Its last day, or the time at which it ends.'),
    zone: timeZone.exactOptional(),
    reason: z.string().min(1).max(300).describe('Why nothing may be applied meanwhile.'),
  })
  .refine(({ from, until }) => isDay(from) === isDay(until), {
    path: ['until'],
    error: 'expected a day where `from` is a day, and a time where that is a time',
  })
  .refine(({ from, until }) => isDay(from) !== isDay(until) || isInOrder(from, until), {
    path: ['until'],
    error: 'the freeze is empty: it ends before it begins',
  });

const windows = z.array(windowSchema).max(200).default([]).describe('When work may be done.');
const freezes = z.array(freezeSchema).max(200).default([]).describe('When no work may be done.');

/** `calendar` of the server's file. */
export const calendarSchema = z.strictObject({
  /** Of windows, freezes and holidays that name none. */
  zone: timeZone.default('UTC'),
  holidays: z
    .array(z.union([day, z.strictObject({ file: z.string().min(1) })]))
    .max(2_000)
    .default([]),
  windows,
  freezes,
  /** How long before it begins a freeze is told of. */
  noticeSeconds: z
    .int()
    .min(0)
    .max(366 * 86_400)
    .default(3 * 86_400),
});

/** `calendar` of `countersign.yaml`: beside the server's, so that it can only take away. */
export const repositoryCalendarSchema = z.strictObject({
  zone: timeZone.default('UTC').describe('Of windows and freezes that name none. Default: `UTC`.'),
  windows,
  freezes,
});

/** A file of holidays. */
export const holidayFileSchema = z.strictObject({ holidays: z.array(day).max(2_000) });

export type CalendarFile = z.output<typeof calendarSchema>;
export type RepositoryCalendar = z.output<typeof repositoryCalendarSchema>;

function isZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isDay(text: string): boolean {
  return !text.includes('T');
}

function isInOrder(from: string, until: string): boolean {
  return isDay(from) ? from <= until : Date.parse(from) < Date.parse(until);
}
