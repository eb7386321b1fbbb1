/** How long silence is borne; all by the database's clock. */
export interface Patience {
  /** How long a worker may be silent before somebody else takes its job. */
  leaseMs: number;
  /** A ring of the queue that nobody answered for so long is taken for lost. */
  forgottenAfterMs: number;
  attempt: AttemptPatience;
}

/** The stages of an attempt's silence. Its supervisor says once a second that it lives. */
export interface AttemptPatience {
  /** It is looked for on its own machine, where the processes themselves tell. */
  lookAfterMs: number;
  /** What no supervisor has taken up by now never will be. */
  unownedForMs: number;
  /** Nobody believes any more that it will speak: a person is called. */
  lostAfterMs: number;
  /** A younger heartbeat lives: nobody may say in its place how the attempt ended. */
  aliveMs: number;
}

/** All stages from the two numbers that are configured, so that they keep their order. */
export function patienceOf(workers: { leaseSeconds: number; attemptSilentSeconds: number }): Patience {
  const leaseMs = workers.leaseSeconds * 1000;
  const lostAfterMs = workers.attemptSilentSeconds * 1000;
  return {
    leaseMs,
    forgottenAfterMs: leaseMs / 2,
    attempt: {
      lookAfterMs: lostAfterMs / 12,
      unownedForMs: lostAfterMs / 2,
      lostAfterMs,
      aliveMs: lostAfterMs / 4,
    },
  };
}
