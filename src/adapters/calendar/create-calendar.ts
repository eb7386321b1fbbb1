import type { Calendar } from '#app/ports/calendar.ts';
import type {
  CalendarFreeze,
  CalendarRules,
  CalendarScope,
  CalendarSettings,
  ChangeWindow,
  Freeze,
  ScheduledProject,
} from '#domain/calendar.ts';
import { matchesPath } from '#domain/path-match.ts';
import { difference, intersection, type Span, union } from './spans.ts';
import { momentOf, startOfDay } from './wall-clock.ts';
import { windowSpans } from './window-spans.ts';
import { timesOf } from './window-words.ts';

const DAY = 24 * 3_600_000;
/** Most windows open within the week; only what is not found is looked for further away. */
const HORIZONS = [9 * DAY, 40 * DAY, 400 * DAY];
const NO_RULES: CalendarRules = { windows: [], freezes: [] };

/** A calendar over what is configured: its zones exist and no window is empty, which the configuration makes sure of. */
export function createCalendar(settings: CalendarSettings): Calendar {
  const holidays = new Set(settings.holidays);
  const noticeMs = settings.noticeSeconds * 1000;
  return {
    at(time, project, added = NO_RULES) {
      const now = Date.parse(time);
      const schedule = scheduleOf([settings, added], holidays, project);
      const { freezes, zone } = schedule;
      const { open, changesAt } = openingAt(schedule, now);
      const freeAt = firstFree(schedule, now);
      const changes = [changesAt ?? now, ...freezes.flatMap(({ span }) => changesOf(span, noticeMs))];
      const next = Math.min(...changes.filter((each) => each > now));
      return {
        at: new Date(now).toISOString(),
        windows: schedule.layers.flat().map((window) => ({ name: window.name, times: timesOf(window) })),
        open,
        ...(changesAt === undefined ? {} : { [open ? 'closesAt' : 'opensAt']: momentOf(changesAt, zone) }),
        freezes: freezes.filter(({ span }) => isTold(span, now, noticeMs)).map((each) => told(each, now)),
        ...(freeAt === undefined || freeAt <= now ? {} : { freeAt: momentOf(freeAt, zone) }),
        ...(Number.isFinite(next) ? { changesAt: new Date(next).toISOString() } : {}),
      };
    },
  };
}

/** What of a calendar concerns one project. */
interface Schedule {
  /** Of each place that speaks of windows for it, those windows: one of each has to be open. */
  layers: readonly (readonly ChangeWindow[])[];
  freezes: readonly Frozen[];
  holidays: ReadonlySet<string>;
  /** In which moments are told. */
  zone: string;
}

type Frozen = Freeze & { span: Span };

function scheduleOf(
  places: readonly CalendarRules[],
  holidays: ReadonlySet<string>,
  project: ScheduledProject,
): Schedule {
  const layers = places
    .map(({ windows }) => windowsOf(windows, project))
    .filter((windows) => windows.length > 0);
  const freezes = places
    .flatMap((place) => place.freezes.filter((freeze) => mayConcern(freeze, project)))
    .map((freeze) => ({ ...freeze, span: spanOf(freeze) }))
    .toSorted((a, b) => a.span.from - b.span.from);
  return { layers, freezes, holidays, zone: layers[0]?.[0]?.zone ?? freezes[0]?.zone ?? 'UTC' };
}

/** Those that fit; where none does, those that would if the project had the labels that it lacks. */
function windowsOf(windows: readonly ChangeWindow[], project: ScheduledProject): readonly ChangeWindow[] {
  const possible = windows.filter((window) => mayConcern(window, project));
  const certain = possible.filter(({ labels = {} }) =>
    Object.keys(labels).every((name) => Object.hasOwn(project.labels, name)),
  );
  return certain.length > 0 ? certain : possible;
}

/** A label that nobody thought of must not be a way around it: one that the project lacks may be the one that is meant. */
function mayConcern({ tiers, match, labels = {} }: CalendarScope, project: ScheduledProject): boolean {
  return (
    (tiers === undefined || tiers.includes(project.tier)) &&
    (match === undefined || match.some((pattern) => matchesPath(pattern, project.dir))) &&
    Object.entries(labels).every(
      ([name, value]) => !Object.hasOwn(project.labels, name) || project.labels[name] === value,
    )
  );
}

/** Of days the last one belongs to it. */
function spanOf({ from, until, zone }: Freeze): Span {
  const isDay = from.length === 'yyyy-mm-dd'.length;
  return isDay
    ? { from: startOfDay(from, zone), to: startOfDay(until, zone, 1) }
    : { from: Date.parse(from), to: Date.parse(until) };
}

/** Whether a window is open now, and when that changes; `changesAt` is absent where it does not within a year. */
function openingAt(schedule: Schedule, now: number): { open: boolean; changesAt?: number } {
  if (schedule.layers.length === 0) return { open: true };
  let open = false;
  for (const horizon of HORIZONS) {
    const end = now + horizon;
    const [first] = openSpans(schedule, { from: now, to: end });
    if (first === undefined) continue;
    open = first.from === now;
    if (!open) return { open, changesAt: first.from };
    if (first.to < end) return { open, changesAt: first.to };
  }
  return { open };
}

/** The first moment from now on at which a window is open and nothing is frozen, within a year. */
function firstFree(schedule: Schedule, now: number): number | undefined {
  const frozen = schedule.freezes.map(({ span }) => span);
  for (const horizon of HORIZONS) {
    const [first] = difference(openSpans(schedule, { from: now, to: now + horizon }), frozen);
    if (first !== undefined) return first.from;
  }
  return undefined;
}

function openSpans({ layers, holidays }: Schedule, span: Span): Span[] {
  return layers
    .map((windows) => union(windows.flatMap((window) => windowSpans(window, holidays, span))))
    .reduce((a, b) => intersection(a, b), [span]);
}

function isTold({ from, to }: Span, now: number, noticeMs: number): boolean {
  return from - noticeMs <= now && now < to;
}

function changesOf({ from, to }: Span, noticeMs: number): number[] {
  return [from - noticeMs, from, to];
}

function told({ name, reason, span, zone }: Frozen, now: number): CalendarFreeze {
  return {
    name,
    reason,
    from: momentOf(span.from, zone),
    until: momentOf(span.to, zone),
    holds: span.from <= now,
  };
}
