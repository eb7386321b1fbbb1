import { createAdopter } from './attempt/adopt.ts';
import { type AttemptContext, subjectOf } from './attempt/context.ts';
import type { WorkerContext } from './context.ts';
import { lookAnew } from './look-anew.ts';
import { createNap } from './nap.ts';
import { folderKeyOf } from './plan-request.ts';
import { sweep } from './sweep.ts';

const ADOPT_EVERY_MS = 2_000;
const SEEN_EVERY_MS = 10_000;
const TIDY_EVERY_MS = 600_000;

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
  let isNew = true;
  const adopter = createAdopter(context, context.patience);
  const loops = [
    repeat(ADOPT_EVERY_MS, context, 'adopt', () => adopter.look()),
    repeat(TIDY_EVERY_MS, context, 'tidy', () => tidy(context)),
    repeat(SEEN_EVERY_MS, context, 'seen', () => context.ledger.seeWorker(self)),
    repeat(rhythm.sweepSeconds * 1000, context, 'sweep', async () => {
      if (isNew) await lookAnew(context);
      isNew = false;
      await sweep(context);
    }),
    repeat(rhythm.checkpointSeconds * 1000, context, 'checkpoint', async () => {
      await rhythm.heartbeat();
      await context.checkpoint();
    }),
  ];
  return {
    async stop() {
      await Promise.all([...loops.map((loop) => loop.stop()), adopter.stop()]);
    },
  };
}

/** Removes what runs left behind whose worker died; what is left of an apply stays until its end is known. */
async function tidy(context: ReconcileContext): Promise<void> {
  const open = await context.ledger.openAttempts();
  const subjects = await Promise.all(open.map(({ id }) => subjectOf(context, id)));
  const keep = subjects.flatMap((subject) =>
    subject === undefined ? [] : [folderKeyOf(subject.change, subject.project)],
  );
  await context.terraform.tidy(keep, TIDY_EVERY_MS);
}

function repeat(
  everyMs: number,
  { log }: ReconcileContext,
  name: string,
  work: () => Promise<void>,
): { stop(): Promise<void> } {
  const nap = createNap();
  const run = async () => {
    while (!nap.ended) {
      await work().catch((error: unknown) =>
        log.warn({ err: error, name }, 'a round of the sweep failed; the next one follows'),
      );
      await nap.take(everyMs);
    }
  };
  const running = run();
  return {
    async stop() {
      nap.end();
      await running;
    },
  };
}
