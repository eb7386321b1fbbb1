import type { WorkerContext } from './context.ts';

/** What was updated this long before the last round is read again: the other side's clock and index are not ours. */
const OVERLAP_MS = 10 * 60_000;

/** Does the round from where the last one began, and remembers where this one did only once it is through. */
export async function sinceLastRound(
  { ledger }: Pick<WorkerContext, 'ledger'>,
  name: string,
  round: (since: string) => Promise<void>,
): Promise<void> {
  const startedAt = await ledger.now();
  const last = (await ledger.cursor(name)) ?? startedAt;
  await round(new Date(Date.parse(last) - OVERLAP_MS).toISOString());
  await ledger.setCursor(name, startedAt);
}
