import type { CalendarReading, CalendarRules, ScheduledProject } from '#domain/calendar.ts';

/**
 * When work may be done, aware of time zones and holidays. It asks no other system and no clock: the time is the
 * database's, and whoever asks brings it.
 */
export interface Calendar {
  /**
   * What the server's calendar says of a project at a time (RFC 3339). What a repository adds can only take away: a window
   * of each of the two that speak of the project has to be open, and a freeze of either holds.
   */
  at(time: string, project: ScheduledProject, added?: CalendarRules): CalendarReading;
}
