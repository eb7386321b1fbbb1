import type { Catalogue } from '#app/ports/project-catalogue.ts';
import { plannedProjects } from '#domain/approved-tuple.ts';
import type { CalendarReading } from '#domain/calendar.ts';
import type { Change } from '#domain/change.ts';
import { Fault } from '#domain/fault.ts';
import type { Planned } from '#domain/gates/may-be-asked.ts';
import type { Project } from '#domain/project.ts';
import { configuredThen } from './configured-project.ts';
import type { WorkerContext } from './context.ts';
import { observe } from './observe.ts';

/** What the server's calendar and the repository's say, at a time, of a project and the tier that its plan demands. */
export function readCalendar(
  { calendar }: Pick<WorkerContext, 'calendar'>,
  { repository, projects }: Catalogue,
  { key, dir, plan }: Planned,
  at: string,
): CalendarReading {
  const configured = projects.find(({ target }) => target.key === key);
  if (configured === undefined)
    throw new Fault('not-configured', `${key} is no project of what is configured`, { retryable: false });
  const { labels } = configured.settings;
  return calendar.at(at, { tier: plan.demand.tier, dir, labels }, repository.calendar);
}

/**
 * The same now for every project of the change that may yet be applied, by key, with what the repository said when the
 * revision was made; none where that cannot be read. For telling: the gates go by what holds.
 */
export async function readCalendars(
  context: Pick<WorkerContext, 'calendar' | 'catalogue' | 'ledger' | 'source'>,
  change: Change,
): Promise<Map<string, CalendarReading>> {
  const left = plannedProjects(change).filter(({ status }) => MAY_YET_BE_APPLIED.has(status));
  if (left.length === 0) return new Map();
  const [catalogue, at] = await Promise.all([
    observe(() => configuredThen(context, change)),
    context.ledger.now(),
  ]);
  if (!catalogue.seen) return new Map();
  const readings = await Promise.all(
    left.map(async (project) => ({
      key: project.key,
      reading: await observe(async () => readCalendar(context, catalogue.value, project, at)),
    })),
  );
  return new Map(readings.flatMap(({ key, reading }) => (reading.seen ? [[key, reading.value]] : [])));
}

const MAY_YET_BE_APPLIED: ReadonlySet<Project['status']> = new Set([
  'awaiting-approval',
  'gating',
  'blocked',
  'ready',
]);
