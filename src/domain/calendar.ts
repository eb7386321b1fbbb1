export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Which projects a window or a freeze concerns; one that names nothing concerns all. */
export interface CalendarScope {
  /** Names of tiers. */
  tiers?: readonly string[];
  /** Patterns of project folders, of which one has to fit. */
  match?: readonly string[];
  /** Labels that a project has to have, all of them; a label that it has not at all is not known. */
  labels?: Readonly<Record<string, string>>;
}

/** When work may be done, by the clock on the wall of its zone. */
export interface ChangeWindow extends CalendarScope {
  name: string;
  /** The days on which it begins. */
  days: readonly Weekday[];
  /** `HH:MM`; one that ends before it begins ends on the next day, `24:00` is the end of the day. */
  from: string;
  to: string;
  /** IANA time zone. */
  zone: string;
  /** It does not begin on a holiday. */
  exceptHolidays?: boolean;
}

/** When no work may be done, whatever window is open. */
export interface Freeze extends CalendarScope {
  name: string;
  reason: string;
  /** Both days (`2026-12-18`), the last one included, or both times with their offset (RFC 3339). */
  from: string;
  until: string;
  /** IANA time zone in which days are meant. */
  zone: string;
}

/** What one place says of when work may be done. */
export interface CalendarRules {
  windows: readonly ChangeWindow[];
  freezes: readonly Freeze[];
}

/** The server's calendar. */
export interface CalendarSettings extends CalendarRules {
  /** Days (`2026-12-25`). */
  holidays: readonly string[];
  /** How long before it begins a freeze is told of. */
  noticeSeconds: number;
}

/** As much of a project as its windows and freezes go by. */
export interface ScheduledProject {
  tier: string;
  dir: string;
  labels: Readonly<Record<string, string>>;
}

/** A moment (RFC 3339 UTC), and as people in its zone say it: `Mon 2026-11-23 22:00 (Europe/Berlin)`. */
export interface Moment {
  at: string;
  local: string;
}

/** What the calendar says of one project at one moment. */
export interface CalendarReading {
  /** RFC 3339 UTC. */
  at: string;
  /** Change windows that concern it; none: it may be applied at any time. */
  windows: readonly { name: string; times: string }[];
  /** Whether it lies in one of them, or there are none. */
  open: boolean;
  /** When the next window opens, where none is open; absent where there is none within a year. */
  opensAt?: Moment;
  /** When the window that is open closes; absent where it does not within a year. */
  closesAt?: Moment;
  /** Freezes that hold now, and those that begin within the time of notice. */
  freezes: readonly CalendarFreeze[];
  /** The first moment with an open window and without a freeze, where this is none; absent where there is none within a year. */
  freeAt?: Moment;
  /** When something of this will be different, RFC 3339 UTC; absent where that is not within a year. */
  changesAt?: string;
}

export interface CalendarFreeze {
  name: string;
  reason: string;
  from: Moment;
  until: Moment;
  holds: boolean;
}
