import type { Change } from '#domain/change.ts';
import { isOwed } from '#domain/debts.ts';
import type { WorkerContext } from './context.ts';

const SWEEP = { kind: 'service', component: 'sweep' } as const;

/** Glass that nobody confirmed or used in time is whole again, and debts that are past due are told. */
export async function watchEmergencies({ ledger, settings }: WorkerContext): Promise<void> {
  const now = await ledger.now();
  for (const { changeId, due, key, overdue } of await ledger.unpaidDebts()) {
    if (overdue || Date.parse(due) > Date.parse(now)) continue;
    await ledger.record({ changeId, fact: { type: 'debt-overdue', key }, actor: SWEEP });
  }
  for (const repository of settings.repositories) {
    for (const { breakGlass: glass, id } of await ledger.openChanges(repository)) {
      if (glass === undefined || glass.status === 'over') continue;
      if (Date.parse(glass.until) >= Date.parse(now)) continue;
      const fact = { type: 'surroundings-changed', source: 'sweep', what: 'time passed' } as const;
      await ledger.record({ changeId: id, fact, actor: SWEEP });
    }
  }
}

/** Somebody may have decided about what was applied in an emergency: asks for that to be looked at. */
export async function hintDebt({ desk }: WorkerContext, change: Change, key: string): Promise<void> {
  if (isOwed(change, key)) await desk.request(change.id, { type: 'review-debt', key });
}
