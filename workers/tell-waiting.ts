import { changeOf, type Conclusion, type Job, type WorkerContext } from './context.ts';

/** A hold ended: changes that were blocked on those projects are asked again at once, rather than by the next sweep. */
export async function tellWaiting(
  context: WorkerContext,
  job: Job<{ projects: string[] }>,
): Promise<Conclusion> {
  const { ledger } = context;
  const { id, mergeRequest } = await changeOf(context, job);
  const freed = new Set(job.payload.projects);
  const others = await ledger.openChanges(mergeRequest.repository);
  const waiting = others.filter(
    (other) =>
      other.id !== id && other.projects.some(({ key, status }) => status === 'blocked' && freed.has(key)),
  );
  const what = `${[...freed].join(', ')} was let go by !${mergeRequest.iid}`;
  for (const other of waiting) {
    await ledger.record({
      changeId: other.id,
      fact: { type: 'surroundings-changed', source: 'webhook', what },
      actor: { kind: 'service', component: 'tell-waiting' },
    });
  }
  return undefined;
}
