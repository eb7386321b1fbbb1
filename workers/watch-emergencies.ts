import type { Change } from '#domain/change.ts';
import { isOwed } from '#domain/debts.ts';
import type { WorkerContext } from './context.ts';
import type { Piece, Round } from './sweep-round.ts';

const SWEEP = { kind: 'service', component: 'sweep' } as const;

/** Glass that nobody confirmed or used in time is whole again, and debts that are past due are told. */
export async function watchEmergencies(context: WorkerContext, round: Round): Promise<void> {
  const { ledger } = context;
  const now = Date.parse(await ledger.now());
  const overdue = (await ledger.unpaidDebts()).filter(
    ({ due, overdue: isTold }) => !isTold && Date.parse(due) <= now,
  );
  const unused = (await round.openChanges()).filter(
    ({ breakGlass: glass }) =>
      glass !== undefined && glass.status !== 'over' && Date.parse(glass.until) < now,
  );
  await round.each('emergency', [
    ...overdue.map(
      ({ changeId, key }): Piece => ({
        item: key,
        async work() {
          await ledger.record({ changeId, fact: { type: 'debt-overdue', key }, actor: SWEEP });
        },
      }),
    ),
    ...unused.map(
      ({ id }): Piece => ({
        item: id,
        async work() {
          const fact = { type: 'surroundings-changed', source: 'sweep', what: 'time passed' } as const;
          await ledger.record({ changeId: id, fact, actor: SWEEP });
        },
      }),
    ),
  ]);
}

/** Somebody may have decided about what was applied in an emergency: asks for that to be looked at. */
export async function hintDebt({ desk }: WorkerContext, change: Change, key: string): Promise<void> {
  if (isOwed(change, key)) await desk.request(change.id, { type: 'review-debt', key });
}
