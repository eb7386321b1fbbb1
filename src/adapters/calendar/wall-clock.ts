import { DateTime, IANAZone } from 'luxon';
import type { Moment } from '#domain/calendar.ts';
import type { Span } from './spans.ts';

const MINUTE = 60_000;
/** No zone moves its clocks twice within that time. */
const STEP = 12 * 60 * MINUTE;

/** A time in which the clocks of a zone are not moved: they show `offset` milliseconds more than UTC. */
export interface Stretch extends Span {
  offset: number;
}

/**
 * The span cut where the zone moves its clocks. What a clock on the wall shows within a stretch runs evenly: an hour that
 * the zone leaves out is in none of them, one that it has twice is in two.
 */
export function stretches(zone: string, { from, to }: Span): Stretch[] {
  const found: Stretch[] = [];
  const offsetAt = offsetsOf(zone);
  let start = from;
  for (let at = from; at < to; at += STEP) {
    const next = Math.min(at + STEP, to);
    const offset = offsetAt(at);
    if (offsetAt(next) === offset) continue;
    const moved = firstMinuteWithout(offset, offsetAt, at, next);
    found.push({ from: start, to: moved, offset });
    start = moved;
  }
  return [...found, { from: start, to, offset: offsetAt(start) }].filter((each) => each.from < each.to);
}

/** The moment at which a day (`2026-12-18`), or the one so many days later, begins in a zone. */
export function startOfDay(date: string, zone: string, daysLater = 0): number {
  return DateTime.fromISO(date, { zone }).plus({ days: daysLater }).startOf('day').toMillis();
}

/** A moment and how people of the zone say it. */
export function momentOf(at: number, zone: string): Moment {
  const local = DateTime.fromMillis(at, { zone, locale: 'en' });
  return { at: new Date(at).toISOString(), local: `${local.toFormat('ccc yyyy-LL-dd HH:mm')} (${zone})` };
}

function offsetsOf(zone: string): (at: number) => number {
  const known = IANAZone.create(zone);
  return (at) => known.offset(at) * MINUTE;
}

/** Clocks are moved at whole minutes. */
function firstMinuteWithout(
  offset: number,
  offsetAt: (at: number) => number,
  from: number,
  to: number,
): number {
  let before = Math.floor(from / MINUTE);
  let after = Math.ceil(to / MINUTE);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle * MINUTE) === offset) before = middle;
    else after = middle;
  }
  return after * MINUTE;
}
