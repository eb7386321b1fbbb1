import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCalendar } from '#adapters/calendar/create-calendar.ts';
import { type ChangeWindow, type Freeze, type Moment, WEEKDAYS } from '#domain/calendar.ts';

/*
 * The calendar computes with spans of time. Here it is compared with the slowest way there is: a look at the clock on the
 * wall, minute by minute, with the time zones of the JavaScript engine itself.
 */

const MINUTE = 60_000;
const PROJECT = { tier: 'normal', dir: 'fin/prod', labels: {} };
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Africa/Cairo',
];
/** Around the days on which these zones put their clocks forward and back in 2026, and days on which nothing is special. */
const STARTS = [
  '2026-03-27',
  '2026-10-23',
  '2026-03-06',
  '2026-10-30',
  '2026-04-03',
  '2026-10-02',
  '2026-04-22',
  '2026-10-28',
  '2026-12-23',
];
const HOLIDAYS = ['2026-03-29', '2026-10-25', '2026-12-25'];

const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 45))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const window: fc.Arbitrary<ChangeWindow> = fc
  .record({
    name: fc.constant('w'),
    days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
    from: time,
    to: fc.oneof(time, fc.constant('24:00')),
    zone: fc.constantFrom(...ZONES),
    exceptHolidays: fc.boolean(),
  })
  .filter(({ from, to }) => from !== to);
const start = fc.constantFrom(...STARTS).map((day) => Date.parse(`${day}T00:00:00Z`));
const freeze = (from: number): fc.Arbitrary<Freeze> =>
  fc.tuple(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 1, max: 2000 })).map(([after, length]) => ({
    name: 'f',
    reason: 'r',
    from: new Date(from + after * MINUTE).toISOString(),
    until: new Date(from + (after + length) * MINUTE).toISOString(),
    zone: 'UTC',
  }));

test('a reading of the calendar is what a look at the clock on the wall in every minute says', () => {
  const scene = start.chain((from) =>
    fc.record({
      now: fc.integer({ min: 0, max: 4 * 1440 }).map((minutes) => from + minutes * MINUTE),
      server: fc.array(window, { maxLength: 3 }),
      repository: fc.array(window, { maxLength: 2 }),
      freezes: fc.array(freeze(from), { maxLength: 2 }),
    }),
  );
  fc.assert(
    fc.property(scene, ({ now, server, repository, freezes }) => {
      const calendar = createCalendar({ windows: server, freezes, holidays: HOLIDAYS, noticeSeconds: 0 });
      const reading = calendar.at(new Date(now).toISOString(), PROJECT, { windows: repository, freezes: [] });
      const isOpen = (at: number) =>
        [server, repository].every(
          (windows) => windows.length === 0 || windows.some((each) => isOpenAt(each, at)),
        );
      const isFree = (at: number) =>
        isOpen(at) && !freezes.some(({ from, until }) => Date.parse(from) <= at && at < Date.parse(until));

      expect(reading.open).toBe(isOpen(now));
      const turns = reading.open ? reading.closesAt : reading.opensAt;
      expect(soon(turns, now)).toBe(firstMinute(now, (at) => isOpen(at) !== reading.open));
      expect(soon(reading.freeAt, now)).toBe(isFree(now) ? undefined : firstMinute(now, isFree));
    }),
    { numRuns: 40 },
  );
});

/** A window may be open on one day of the week only. */
const LOOKED_AT = 9 * 1440 * MINUTE;

function soon(moment: Moment | undefined, now: number): number | undefined {
  const at = moment === undefined ? Number.NaN : Date.parse(moment.at);
  return at <= now + LOOKED_AT ? at : undefined;
}

function firstMinute(now: number, fits: (at: number) => boolean): number | undefined {
  for (let at = now + MINUTE; at <= now + LOOKED_AT; at += MINUTE) if (fits(at)) return at;
  return undefined;
}

function isOpenAt({ days, exceptHolidays, from, to, zone }: ChangeWindow, at: number): boolean {
  const clock = wallAt(zone, at);
  const begins = (date: string) => {
    const weekday = WEEKDAYS[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7];
    return (
      weekday !== undefined && days.includes(weekday) && !(exceptHolidays === true && HOLIDAYS.includes(date))
    );
  };
  const dayBefore = new Date(Date.parse(`${clock.date}T00:00:00Z`) - 1440 * MINUTE)
    .toISOString()
    .slice(0, 10);
  if (from < to) return begins(clock.date) && from <= clock.time && clock.time < to;
  return (begins(clock.date) && clock.time >= from) || (begins(dayBefore) && clock.time < to);
}

const walls = new Map<string, { date: string; time: string }>();
const clocks = new Map(
  ZONES.map((zone) => [
    zone,
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }),
  ]),
);

function wallAt(zone: string, at: number): { date: string; time: string } {
  const key = `${zone} ${at}`;
  const known = walls.get(key);
  if (known !== undefined) return known;
  const [date = '', shown = ''] = (clocks.get(zone)?.format(at) ?? '').split(' ');
  const wall = { date, time: shown };
  walls.set(key, wall);
  return wall;
}
