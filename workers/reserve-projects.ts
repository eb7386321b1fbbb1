import type { Change } from '#domain/change.ts';
import { Fault } from '#domain/fault.ts';
import { toReserve } from '#domain/holds.ts';
import type { Planning } from '#domain/project.ts';
import type { Conclusion, WorkerContext } from './context.ts';

/** What must be had is had; or another change has it, and waiting is what the plan run comes to. */
export type Reservation = { ok: true } | { ok: false; wait: Conclusion };

/**
 * Takes what has to belong to the change before it is planned, all of it at once. The database decides who gets it.
 * Faults are retryable: the change moved on meanwhile, or what was held is free again.
 */
export async function reserveProjects(
  context: WorkerContext,
  change: Change,
  { key, planRunId }: Planning,
): Promise<Reservation> {
  const projects = toReserve(change);
  if (!projects.includes(key)) return { ok: true };
  if (await isTaken(context, change, planRunId, projects)) return { ok: true };
  const { repository } = change.mergeRequest;
  for (const project of projects) {
    const hold = await context.ledger.hold(repository, project);
    if (hold === undefined || hold.changeId === change.id) continue;
    const { changeId, iid, since } = hold;
    const fact = { type: 'project-held', project, planRunId, by: { changeId, iid, since } } as const;
    return { ok: false, wait: { fact } };
  }
  throw new Fault('hold-gone', 'what another change held is free again', { retryable: true });
}

/** Whether they are this change's now; false when another change has one of them. */
async function isTaken(
  { ledger }: WorkerContext,
  { id }: Change,
  planRunId: string,
  projects: readonly string[],
): Promise<boolean> {
  try {
    const { refusals } = await ledger.record({
      changeId: id,
      fact: { type: 'projects-reserved', planRunId, projects },
      actor: { kind: 'service', component: 'run-plan' },
    });
    if (refusals.length === 0) return true;
  } catch (error) {
    if (error instanceof Fault && error.code === 'held-by-another-change') return false;
    throw error;
  }
  throw new Fault('moved-on', 'the change moved on while its projects were reserved', { retryable: true });
}
