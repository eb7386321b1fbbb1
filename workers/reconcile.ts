import { adoptOrphans } from './attempt/adopt.ts';
import type { AttemptContext } from './attempt/context.ts';
import type { WorkerContext } from './context.ts';
import { sweep } from './sweep.ts';

const ADOPT_EVERY_MS = 2_000;
const SEEN_EVERY_MS = 10_000;

export type ReconcileContext = WorkerContext & AttemptContext;

/**
 * What workers do without being asked: sweep for what webhooks missed, adopt attempts without a supervisor, sign the
 * log's head. Any number of workers may; each finding is recorded once.
 */
export function startReconciling(
  context: ReconcileContext,
  self: Parameters<ReconcileContext['ledger']['seeWorker']>[0],
  rhythm: { sweepSeconds: number; checkpointSeconds: number; heartbeat: () => Promise<unknown> },
): { stop(): Promise<void> } {
  const loops = [
    repeat(ADOPT_EVERY_MS, context, 'adopt', () => adoptOrphans(context)),
    repeat(SEEN_EVERY_MS, context, 'seen', () => context.ledger.seeWorker(self)),
    repeat(rhythm.sweepSeconds * 1000, context, 'sweep', () => sweep(context)),
    repeat(rhythm.checkpointSeconds * 1000, context, 'checkpoint', async () => {
      await rhythm.heartbeat();
      await context.checkpoint();
    }),
  ];
  return {
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

function repeat(
  everyMs: number,
  { log }: ReconcileContext,
  name: string,
  work: () => Promise<void>,
): { stop(): Promise<void> } {
  let stopped = false;
  let wake: () => void = () => undefined;
  const run = async () => {
    while (!stopped) {
      await work().catch((error: unknown) =>
        log.warn({ err: error, name }, 'a round of the sweep failed; the next one follows'),
      );
      if (stopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const running = run();
  return {
    async stop() {
      stopped = true;
      wake();
      await running;
    },
  };
}
