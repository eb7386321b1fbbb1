import { plannedProjects } from '#domain/approved-tuple.ts';
import type { WorkerContext } from './context.ts';

const RECONCILE = { kind: 'service', component: 'reconcile' } as const;

/**
 * A process that has just started may have another configuration than the one by which changes were judged and told of: a
 * window that was moved, a freeze that was lifted. What is kept back is asked about again, and what people read is written
 * anew where it says something else by now.
 */
export async function lookAnew({ desk, ledger, settings }: WorkerContext): Promise<void> {
  for (const repository of settings.repositories) {
    for (const change of await ledger.openChanges(repository)) {
      if (change.projects.some(({ status }) => status === 'blocked')) {
        const what = 'the configuration was read anew';
        const fact = { type: 'surroundings-changed', source: 'sweep', what } as const;
        await ledger.record({ changeId: change.id, fact, actor: RECONCILE });
      }
      if (plannedProjects(change).length > 0) await desk.request(change.id, { type: 'publish-note' });
    }
  }
}
