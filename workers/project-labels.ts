import type { Change } from '#domain/change.ts';
import { configuredThen } from './configured-project.ts';
import type { WorkerContext } from './context.ts';
import { observe } from './observe.ts';

/** Labels of the change's projects as they are configured, each with all its values, sorted; none where that cannot be told. */
export async function projectLabels(
  context: Pick<WorkerContext, 'catalogue' | 'source'>,
  change: Change,
): Promise<Record<string, string[]>> {
  const seen = await observe(() => configuredThen(context, change));
  if (!seen.seen) return {};
  const keys = new Set(change.projects.map(({ key }) => key));
  const all = seen.value.projects
    .filter(({ target }) => keys.has(target.key))
    .flatMap(({ settings }) => Object.entries(settings.labels));
  return Object.fromEntries(
    [...Map.groupBy(all, ([name]) => name)].map(([name, found]) => [
      name,
      [...new Set(found.map(([, value]) => value))].toSorted(),
    ]),
  );
}
