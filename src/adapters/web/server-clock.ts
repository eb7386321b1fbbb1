/** How far another server's clock is ahead of ours, by the `Date` header of any answer of its; negative when it is behind. */
export interface ClockReading {
  aheadMs: number;
  /** Half the time that the answer took, and half the second that the header is exact to. */
  uncertainMs: number;
}

const TIMEOUT_MS = 10_000;

/** Asks an address of the server; whatever it answers, a refusal too, tells its time. `undefined` when it tells none. */
export async function readServerClock(url: string): Promise<ClockReading | undefined> {
  const begun = Date.now();
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
  const took = Date.now() - begun;
  await answer.body?.cancel();
  const told = Date.parse(answer.headers.get('date') ?? '');
  if (Number.isNaN(told)) return undefined;
  return { aheadMs: told + 500 - (begun + took / 2), uncertainMs: took / 2 + 500 };
}
