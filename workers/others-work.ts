import { liesIn } from '#domain/path-match.ts';
import type { Project } from '#domain/project.ts';
import type { Refusal } from '#domain/refusal.ts';
import type { WorkerContext } from './context.ts';

const NAMED = 5;

/** Whoever changed the files since would lose that: their changes are rolled back first, or this is done by hand. */
export async function touchedByOthers(
  { source }: WorkerContext,
  repository: number,
  releasedSha: string,
  startSha: string,
  touched: readonly string[],
): Promise<Refusal[]> {
  if (touched.length === 0) return [];
  const commits = await source.commits(repository, releasedSha, startSha, touched);
  const later = commits.map(({ sha, subject }) => `${sha.slice(0, 12)} ${subject}`);
  return [others(`${named(touched)} changed since, by ${named(later)}`)];
}

/** Projects that the release was not about, and that would be changed with those it was about. */
export async function sharedWithOthers(
  { catalogue }: WorkerContext,
  repository: number,
  { projects, targetBranch }: { projects: readonly Project[]; targetBranch: string },
  startSha: string,
  paths: readonly string[],
): Promise<Refusal[]> {
  const reading = await catalogue.read({
    repository,
    targetBranch,
    targetSha: startSha,
    headSha: startSha,
  });
  if (!reading.ok) return [others(`the configuration on ${targetBranch} cannot be read`)];
  const own = new Set(projects.map(({ key }) => key));
  const sharing = reading.catalogue.projects.filter(
    ({ target }) =>
      !own.has(target.key) && paths.some((path) => target.inputPaths.some((input) => liesIn(path, input))),
  );
  if (sharing.length === 0) return [];
  const keys = sharing.map(({ target }) => target.key);
  return [others(`${named(keys)} ${keys.length === 1 ? 'is' : 'are'} made of the same files`)];
}

/** Taking a release back takes back nobody else's work. */
export function others(reason: string): Refusal {
  return {
    code: 'others-changed-it',
    reason: `it would take the work of others along: ${reason}`,
    remedy: 'roll back the later changes first, or open a merge request by hand',
  };
}

function named(names: readonly string[]): string {
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(', ')} and ${more} more` : names.join(', ');
}
