import { plannedProjects } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import type { WorkerContext } from './context.ts';
import { allOpenChanges } from './sweep-round.ts';

const RECONCILE = { kind: 'service', component: 'reconcile' } as const;

/**
 * A process that has just started may have another configuration than the one by which changes were judged and told of: a
 * window that was moved, a freeze that was lifted. What is kept back is asked about again, and what people read is written
 * anew where it says something else by now.
 */
export async function lookAnew(context: WorkerContext): Promise<void> {
  for (const change of await allOpenChanges(context)) {
    await lookAtOne(context, change).catch((error: unknown) =>
      // The sweep asks about what is kept back as well, only later.
      context.log.warn({ err: error, changeId: change.id }, 'a change could not be looked at anew'),
    );
  }
}

async function lookAtOne({ desk, ledger }: WorkerContext, change: Change): Promise<void> {
  if (change.projects.some(({ status }) => status === 'blocked')) {
    const what = 'the configuration was read anew';
    const fact = { type: 'surroundings-changed', source: 'sweep', what } as const;
    await ledger.record({ changeId: change.id, fact, actor: RECONCILE });
  }
  if (plannedProjects(change).length > 0) await desk.request(change.id, { type: 'publish-note' });
}
