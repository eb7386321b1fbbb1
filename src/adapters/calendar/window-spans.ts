import { type ChangeWindow, WEEKDAYS } from '#domain/calendar.ts';
import type { Span } from './spans.ts';
import { type Stretch, stretches } from './wall-clock.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * When a window is open within a span: whenever the clock on the wall of its zone shows a time of it. On the day on which
 * clocks are put forward, what lies in the hour that is left out does not happen; when they are put back, what lies in
 * the hour that comes twice happens twice.
 */
export function windowSpans(window: ChangeWindow, holidays: ReadonlySet<string>, span: Span): Span[] {
  return stretches(window.zone, span).flatMap((stretch) => inStretch(window, holidays, stretch));
}

function inStretch(window: ChangeWindow, holidays: ReadonlySet<string>, stretch: Stretch): Span[] {
  const wall = { from: stretch.from + stretch.offset, to: stretch.to + stretch.offset };
  const found: Span[] = [];
  // One that began the day before may still be open.
  for (let day = startOfWallDay(wall.from) - DAY; day < wall.to; day += DAY) {
    if (!begins(window, holidays, day)) continue;
    const start = minutesOf(window.from);
    const end = minutesOf(window.to);
    const from = Math.max(day + start * MINUTE, wall.from);
    const to = Math.min(day + end * MINUTE + (end <= start ? DAY : 0), wall.to);
    if (from < to) found.push({ from: from - stretch.offset, to: to - stretch.offset });
  }
  return found;
}

function begins({ days, exceptHolidays }: ChangeWindow, holidays: ReadonlySet<string>, day: number): boolean {
  const date = new Date(day);
  const weekday = WEEKDAYS[(date.getUTCDay() + 6) % 7];
  const isHoliday = holidays.has(date.toISOString().slice(0, 10));
  return weekday !== undefined && days.includes(weekday) && !(exceptHolidays === true && isHoliday);
}

/** Wall time is counted as if it were UTC, in which every day has 24 hours. */
function startOfWallDay(wall: number): number {
  return Math.floor(wall / DAY) * DAY;
}

/** `22:30` as minutes of the day. */
function minutesOf(time: string): number {
  const [hours = '', minutes = ''] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
