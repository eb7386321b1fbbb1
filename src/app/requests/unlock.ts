import { Fault } from '#domain/fault.ts';
import { unlockRefusals } from '#domain/command-refusals.ts';
import type { Refusal } from '#domain/refusal.ts';
import type { Ledger } from '../ledger.ts';

/** Gives back a change's hold on a project, a quarantine included, from the command line, with the reason recorded. */
export async function unlock(
  ledger: Pick<Ledger, 'change' | 'record'>,
  request: { changeId: string; project: string; by: { cli: string }; reason: string },
): Promise<Refusal[]> {
  const { changeId, project: key, by, reason } = request;
  const change = await ledger.change(changeId);
  if (change === undefined) throw new Fault('no-such-change', `no change ${changeId}`, { retryable: false });
  const refusals = unlockRefusals(change, key);
  const actor = { kind: 'operator-cli', id: by.cli } as const;
  if (refusals.length > 0) {
    const fact = { type: 'request-refused', request: 'unlock', project: key, refusals } as const;
    await ledger.record({ changeId, fact, actor });
    return refusals;
  }
  await ledger.record({
    changeId,
    fact: { type: 'hold-released', project: key, by, reason },
    actor,
  });
  return [];
}
