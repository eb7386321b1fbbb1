/** A pause that somebody may end early. */
export interface Nap {
  /** Resolves after `ms`; at once when it was woken since the last time, or for good. */
  take(ms: number): Promise<void>;
  wake: () => void;
  /** Wakes it now and keeps it awake: no pause is taken any more. */
  end(): void;
  readonly ended: boolean;
}

/** The pause between two rounds of a loop that goes on until it is told to end. */
export function createNap(): Nap {
  let woken = false;
  let ended = false;
  let rouse: () => void = () => undefined;
  const wake = () => {
    woken = true;
    rouse();
  };
  return {
    async take(ms) {
      if (!woken && !ended) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          rouse = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      woken = false;
    },
    wake,
    end() {
      ended = true;
      wake();
    },
    get ended() {
      return ended;
    },
  };
}
