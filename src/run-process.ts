/** Runs a process's main; what stops it from starting is printed as it stands, for a person, and ends it with 1. */
export async function orExplain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    // A half-started process may hold connections that would keep it alive.
    setTimeout(() => process.exit(1), 1000).unref();
  }
}

/** Resolves on the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        resolve();
      });
    }
  });
}

/** Waits for the work, but no longer than that: what is asked to stop may itself wait for something that is gone. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: up, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work.catch(() => undefined), up]);
  clearTimeout(timer);
}
