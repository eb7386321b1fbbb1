/** A step of the story came out otherwise than it must. */
export class Shortfall extends Error {
  readonly expected: string;
  readonly seen: string;

  constructor(expected: string, seen: string) {
    super(`expected: ${expected}; seen: ${seen}`);
    this.expected = expected;
    this.seen = seen;
  }
}

/** Goes on only if it is so. */
export function expectThat(isSo: boolean, expected: string, seen: unknown): void {
  if (!isSo) throw new Shortfall(expected, typeof seen === 'string' ? seen : JSON.stringify(seen));
}

export type Expect = <T>(
  expected: string,
  look: () => Promise<T | undefined>,
  show?: () => Promise<unknown>,
) => Promise<T>;

const LOOK_EVERY_MS = 50;

/**
 * Looks again until there is something, and returns it; after `withinMs` the shortfall tells what `show` sees.
 * Ends early, with the signal's reason, when the demo is stopped.
 */
export function expecting(withinMs: number, signal: AbortSignal): Expect {
  return async (expected, look, show) => {
    const end = Date.now() + withinMs;
    for (;;) {
      signal.throwIfAborted();
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > end) {
        const seen = show === undefined ? 'nothing of it' : await show();
        throw new Shortfall(
          `${expected}, within ${withinMs / 1000} s`,
          typeof seen === 'string' ? seen : JSON.stringify(seen),
        );
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
}
