import type { Catalogue } from '#app/ports/project-catalogue.ts';
import type { CalendarReading } from '#domain/calendar.ts';
import { Fault } from '#domain/fault.ts';
import type { Planned } from '#domain/gates/may-be-asked.ts';
import type { WorkerContext } from './context.ts';

/** What the server's calendar and the repository's say now of a project and the tier that its plan demands. */
export async function readCalendar(
  { calendar, ledger }: Pick<WorkerContext, 'calendar' | 'ledger'>,
  { repository, projects }: Catalogue,
  { key, dir, plan }: Planned,
): Promise<CalendarReading> {
  const configured = projects.find(({ target }) => target.key === key);
  if (configured === undefined)
    throw new Fault('not-configured', `${key} is no project of what is configured`, { retryable: false });
  const { labels } = configured.settings;
  return calendar.at(await ledger.now(), { tier: plan.demand.tier, dir, labels }, repository.calendar);
}
