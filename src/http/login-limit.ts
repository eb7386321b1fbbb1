const WINDOW_MS = 60_000;
const FAILURES_PER_WINDOW = 10;
const ADDRESSES_KEPT = 10_000;

export interface LoginLimit {
  /** Whether this address has failed too often within the last minute. */
  isReached(address: string): boolean;
  countFailure(address: string): void;
}

/** Slows down guessing, per process. Tokens have 256 bits; this is for the log and for those who chose their own. */
export function createLoginLimit(now: () => number = Date.now): LoginLimit {
  const failures = new Map<string, { count: number; until: number }>();
  const current = (address: string) => {
    const found = failures.get(address);
    return found !== undefined && found.until > now() ? found : undefined;
  };
  return {
    isReached: (address) => (current(address)?.count ?? 0) >= FAILURES_PER_WINDOW,
    countFailure(address) {
      const found = current(address) ?? { count: 0, until: now() + WINDOW_MS };
      failures.delete(address);
      failures.set(address, { ...found, count: found.count + 1 });
      // A map remembers the order of insertion: the first key failed longest ago.
      const [oldest] = failures.keys();
      if (failures.size > ADDRESSES_KEPT && oldest !== undefined) failures.delete(oldest);
    },
  };
}
