import type { Catalogue, CataloguedProject } from '#app/ports/project-catalogue.ts';
import type { Change } from '#domain/change.ts';
import { Fault } from '#domain/fault.ts';
import type { WorkerContext } from './context.ts';

/** A project of a change as it is configured, and the catalogue it is in. */
export interface Configured {
  project: CataloguedProject;
  catalogue: Catalogue;
}

type Asked = Pick<WorkerContext, 'catalogue' | 'source'>;

/**
 * What is configured for a project of the change's revision, by the target branch as it was when the revision was made.
 * Fault `not-configured` when it is no project there, `configuration-broken` when nothing can be told.
 */
export async function configuredProject(context: Asked, change: Change, key: string): Promise<Configured> {
  const catalogue = await read(context, change, change.revision?.targetSha ?? '');
  const project = catalogue.projects.find(({ target }) => target.key === key);
  if (project !== undefined) return { project, catalogue };
  throw new Fault('not-configured', `${key} is no project of what is configured`, { retryable: false });
}

/** What is configured on the target branch at this moment, for the projects of the revision. */
export async function liveCatalogue(
  context: Asked & Pick<WorkerContext, 'codeHost'>,
  change: Change,
): Promise<Catalogue> {
  const { mergeRequest, revision } = change;
  const branch = revision?.targetBranch ?? '';
  const targetSha = await context.codeHost.branchHead(mergeRequest.repository, branch);
  if (targetSha === undefined) throw new Fault('no-target', `${branch} does not exist`, { retryable: false });
  return read(context, change, targetSha);
}

async function read(
  { catalogue, source }: Asked,
  { mergeRequest: { repository }, revision }: Change,
  targetSha: string,
): Promise<Catalogue> {
  if (revision === undefined) throw new Fault('no-revision', 'there is no revision', { retryable: false });
  const { headSha, targetBranch } = revision;
  await source.fetch(repository, [headSha, targetSha]);
  const reading = await catalogue.read({ repository, targetBranch, targetSha, headSha });
  if (reading.ok) return reading.catalogue;
  const [first] = reading.problems;
  const what = `the configuration on ${targetBranch} cannot be used: ${first?.place ?? ''}: ${first?.what ?? ''}`;
  throw new Fault('configuration-broken', what, { retryable: false });
}
