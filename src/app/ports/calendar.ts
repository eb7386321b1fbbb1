/** What the calendar says of one project's tier and folder at one moment; all times RFC 3339 UTC. */
export interface CalendarReading {
  /** Change windows that concern it; none: it may be applied at any time. */
  windows: readonly CalendarWindow[];
  /** Whether it lies in one of them, or there are none. */
  open: boolean;
  /** When the next window opens, or the present one ends; absent where there is none within a year. */
  opensAt?: string;
  closesAt?: string;
  /** Freezes that hold now, and those that begin within the time of notice. */
  freezes: readonly CalendarFreeze[];
}

export interface CalendarWindow {
  /** As people say it: `Mon–Thu 22:00–02:00 Europe/Berlin`. */
  name: string;
}

export interface CalendarFreeze {
  name: string;
  from: string;
  until: string;
  holds: boolean;
}

/** When work may be done. Pure of any other system, but aware of time zones and holidays. */
export interface Calendar {
  at(
    time: string,
    project: { tier: string; dir: string; labels: Readonly<Record<string, string>> },
  ): CalendarReading;
}
