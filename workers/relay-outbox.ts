import type { JobDesk } from '#app/job-desk.ts';
import type { JobQueue, QueueName } from '#app/ports/queue.ts';
import type { Log } from '#telemetry/log.ts';
import { createNap } from './nap.ts';

const BATCH = 100;
/** Looked at this often even when nobody says that something is due: a notification can be lost. */
const LONGEST_NAP_MS = 2_000;

/**
 * Rings the queue for every outbox row that is due: when one is written, when one's time comes, and again for rings
 * that nobody answered. Any number of relays may run; each row is rung for by one of them.
 */
export async function startRelay(
  desk: JobDesk,
  queue: JobQueue,
  queueOf: (effect: string) => QueueName | undefined,
  log: Log,
): Promise<{ stop(): Promise<void> }> {
  const nap = createNap();
  const ears = await desk.onNew(nap.wake);
  const run = async () => {
    while (!nap.ended) {
      const wait = await ringDue(desk, queue, queueOf, log);
      if (wait > 0) await nap.take(wait);
    }
  };
  const running = run();
  return {
    async stop() {
      nap.end();
      await running;
      await ears.close();
    },
  };
}

/** Rings for what is due now; returns the milliseconds after which to look again. */
async function ringDue(
  desk: JobDesk,
  queue: JobQueue,
  queueOf: (effect: string) => QueueName | undefined,
  log: Log,
): Promise<number> {
  try {
    const due = await desk.takeDue(BATCH);
    await Promise.all(
      due.map(async ({ id, effect, tries, turn }) => {
        const name = queueOf(effect);
        if (name === undefined)
          log.error({ jobId: id, effect }, 'an outbox row names a job that this version does not know');
        else await queue.ring(name, { row: id, tries, turn });
      }),
    );
    if (due.length === BATCH) return 0;
    return Math.max(1, Math.min((await desk.nextDue()) ?? LONGEST_NAP_MS, LONGEST_NAP_MS));
  } catch (error) {
    log.warn({ err: error }, 'the outbox could not be relayed; trying again');
    return 500;
  }
}
