import type { BranchView } from '#app/ports/code-host.ts';
import type { Catalogue, CataloguedProject } from '#app/ports/project-catalogue.ts';
import type { Change } from '#domain/change.ts';
import { Fault } from '#domain/fault.ts';
import type { Observed } from '#domain/gates/evidence.ts';
import type { WorkerContext } from './context.ts';
import { observe } from './observe.ts';

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
  const catalogue = await configuredThen(context, change);
  const project = catalogue.projects.find(({ target }) => target.key === key);
  if (project !== undefined) return { project, catalogue };
  throw new Fault('not-configured', `${key} is no project of what is configured`, { retryable: false });
}

/** All that is configured for the change's revision, by the target branch as it was when the revision was made. */
export function configuredThen(context: Asked, change: Change): Promise<Catalogue> {
  return read(context, change, change.revision?.targetSha ?? '');
}

/** The target branch as it is at this moment, and what it says of the revision's projects. */
export interface Live {
  target: Observed<BranchView>;
  catalogue: Observed<Catalogue>;
}

/** Asks once for all projects of a change, and as late as can be: gates go by it. */
export async function readLive(
  context: Asked & Pick<WorkerContext, 'codeHost'>,
  change: Change,
): Promise<Live> {
  const { mergeRequest, revision } = change;
  const branch = revision?.targetBranch ?? '';
  const target = await observe(async () => {
    const found = await context.codeHost.branch(mergeRequest.repository, branch);
    if (found !== undefined) return found;
    throw new Fault('no-target', `${branch} does not exist`, { retryable: false });
  });
  return { target, catalogue: await observe(() => read(context, change, seen(target).headSha)) };
}

/** The value; fault `not-seen` with the reason where there is none. */
export function seen<T>(observed: Observed<T>): T {
  if (observed.seen) return observed.value;
  throw new Fault('not-seen', observed.why, { retryable: false });
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
