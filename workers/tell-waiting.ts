import type { Change } from '#domain/change.ts';
import type { Project } from '#domain/project.ts';
import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';

/**
 * A hold ended: changes that were blocked on those projects are asked again at once, and those that waited for one to plan
 * are planned, the oldest merge request first.
 */
export async function tellWaiting(
  context: WorkerContext,
  job: Job<{ projects: string[] }>,
): Promise<Conclusion> {
  const { ledger } = context;
  const { id, mergeRequest } = await changeOf(context, job);
  const freed = new Set(job.payload.projects);
  const others = await ledger.openChanges(mergeRequest.repository);
  const waiting = others
    .filter((other) => other.id !== id && other.projects.some((project) => waitsFor(project, freed)))
    .toSorted((a, b) => a.mergeRequest.iid - b.mergeRequest.iid);
  const what = `${[...freed].join(', ')} was let go by !${mergeRequest.iid}`;
  for (const other of waiting) {
    await ledger.record({
      changeId: other.id,
      fact: { type: 'surroundings-changed', source: 'webhook', what, freed: [...freed] },
      actor: { kind: 'service', component: 'tell-waiting' },
    });
  }
  return undefined;
}

/** What the change waits for though whoever had it has it no more, because telling it so was lost. */
export async function letGoUnheard(
  { projects, mergeRequest: { repository } }: Change,
  ledger: Pick<WorkerContext['ledger'], 'hold'>,
): Promise<string[]> {
  const holders = new Map(
    projects.flatMap((each) => (each.status === 'held' ? [[each.by.project, each.by]] : [])),
  );
  const freed: string[] = [];
  for (const [project, { changeId }] of holders) {
    if ((await ledger.hold(repository, project))?.changeId !== changeId) freed.push(project);
  }
  return freed;
}

function waitsFor(project: Project, freed: ReadonlySet<string>): boolean {
  if (project.status === 'held') return freed.has(project.by.project);
  return project.status === 'blocked' && freed.has(project.key);
}
