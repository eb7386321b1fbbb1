import { resolve } from 'node:path';
import type { CalendarRules, CalendarSettings } from '#domain/calendar.ts';
import { type CalendarFile, holidayFileSchema, type RepositoryCalendar } from './calendar-schema.ts';
import type { Problem } from './problems.ts';
import { readYaml } from './read-yaml.ts';
import { unknownTier } from './tiers.ts';

type PlaceOf = (...keys: readonly PropertyKey[]) => string;
type Tiers = readonly { name: string }[];

/** The server's calendar with the holidays of all files it names, and all that is wrong with it. */
export function loadCalendar(
  file: CalendarFile,
  tiers: Tiers,
  baseDir: string,
  placeOf: PlaceOf,
): { calendar: CalendarSettings; problems: Problem[] } {
  const readings = file.holidays.map((entry, index) => {
    if (typeof entry === 'string') return { days: [entry], problems: [] };
    const reading = readYaml(resolve(baseDir, entry.file), holidayFileSchema);
    if (reading.ok) return { days: reading.file.value.holidays, problems: [] };
    const problems = reading.problems.map(({ place, what }) => ({
      place,
      what: `${what} (named at ${placeOf('holidays', index)})`,
    }));
    return { days: [], problems };
  });
  const holidays = [...new Set(readings.flatMap(({ days }) => days))].toSorted();
  return {
    calendar: { ...calendarRules(file), holidays, noticeSeconds: file.noticeSeconds },
    problems: [...readings.flatMap(({ problems }) => problems), ...calendarProblems(file, tiers, placeOf)],
  };
}

/** Windows and freezes, each with its zone. */
export function calendarRules({ freezes, windows, zone }: RepositoryCalendar): CalendarRules {
  return {
    windows: windows.map((window) => ({ zone, ...window })),
    freezes: freezes.map((freeze) => ({ zone, ...freeze })),
  };
}

/** What a calendar says of tiers that there are none of, and what it says twice. */
export function calendarProblems(
  { freezes, windows }: Pick<RepositoryCalendar, 'freezes' | 'windows'>,
  tiers: Tiers,
  placeOf: PlaceOf,
): Problem[] {
  const each = [
    ...windows.map((entry, index) => ({ entry, list: 'windows', index })),
    ...freezes.map((entry, index) => ({ entry, list: 'freezes', index })),
  ];
  return each.flatMap(({ entry, list, index }, at) => [
    ...(entry.tiers ?? []).flatMap((name, i) => unknownTier(name, tiers, placeOf(list, index, 'tiers', i))),
    ...(each.slice(0, at).some((other) => other.list === list && other.entry.name === entry.name)
      ? [{ place: placeOf(list, index, 'name'), what: `${list} has one called ${entry.name} already` }]
      : []),
  ]);
}
