import { plannedProjects } from '#domain/approved-tuple.ts';
import { type BlastRadius, blastRadius } from '#domain/blast-radius.ts';
import type { Change } from '#domain/change.ts';
import { configuredThen } from './configured-project.ts';
import type { WorkerContext } from './context.ts';
import { observe } from './observe.ts';

/**
 * What else of the repository depends on the change's projects. Nothing waits for it: where it cannot be told, because
 * the configuration was broken meanwhile, say, the ticket does without.
 */
export async function blastRadiusOf(
  context: Pick<WorkerContext, 'catalogue' | 'source'>,
  change: Change,
): Promise<BlastRadius | undefined> {
  const { mergeRequest, revision } = change;
  if (revision === undefined) return undefined;
  const seen = await observe(async () => {
    const { projects } = await configuredThen(context, change);
    const { baseSha, headSha } = revision;
    const edited = await context.source.changedPaths(mergeRequest.repository, baseSha, headSha);
    const related = projects.map(({ readsStateOf, settings, target }) => {
      const { dir, inputPaths, key } = target;
      return { key, dir, inputPaths, dependsOn: settings.dependsOn, readsStateOf };
    });
    const planned = plannedProjects(change).map(({ key }) => key);
    return blastRadius(related, planned, edited);
  });
  return seen.seen ? seen.value : undefined;
}
