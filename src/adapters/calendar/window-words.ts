import { type ChangeWindow, WEEKDAYS, type Weekday } from '#domain/calendar.ts';

/** When a window is open, as people say it: `Mon–Thu 22:00–02:00 (Europe/Berlin), not on holidays`. */
export function timesOf({ days, exceptHolidays, from, to, zone }: ChangeWindow): string {
  const holidays = exceptHolidays === true ? ', not on holidays' : '';
  return `${daysInWords(days)} ${from}–${to} (${zone})${holidays}`;
}

function daysInWords(days: readonly Weekday[]): string {
  const places = WEEKDAYS.flatMap((day, place) => (days.includes(day) ? [place] : []));
  if (places.length === WEEKDAYS.length) return 'daily';
  const runs: number[][] = [];
  for (const place of places) {
    const last = runs.at(-1);
    if (last !== undefined && last.at(-1) === place - 1) last.push(place);
    else runs.push([place]);
  }
  return runs.map(runInWords).join(', ');
}

function runInWords(run: readonly number[]): string {
  const [first, ...others] = run.map(nameOf);
  const last = others.at(-1);
  return last === undefined ? (first ?? '') : `${first}${others.length === 1 ? ', ' : '–'}${last}`;
}

function nameOf(place: number): string {
  const day = WEEKDAYS[place] ?? '';
  return day.charAt(0).toUpperCase() + day.slice(1);
}
