import type { RunningApply } from '#app/ports/terraform.ts';
import type { AttemptContext } from './context.ts';
import type { ProcessIdentity } from './process-identity.ts';
import type { Spool } from './spool.ts';

const HEARTBEAT_MS = 1_000;

/**
 * Of an attempt as its owner hears it: `ours`; `cancelled`, and shall stop; `given-up`, since nobody heard of it for
 * long; or `taken`, since somebody else has it or has said how it ended.
 */
export type Standing = 'ours' | 'cancelled' | 'given-up' | 'taken';

export interface Heart {
  /** Beats once more now, and hears how the attempt stands. */
  standing(): Promise<Standing>;
  /** From now on terraform may run: its process is told to the database, and an interrupt is passed on to it. */
  watch(
    running: Pick<RunningApply, 'interrupt' | 'isAlive'>,
    process: ProcessIdentity | undefined,
  ): Promise<void>;
  stop(): void;
}

/** Says once a second that the attempt lives, and hears whether it shall stop; whoever owns the attempt has one. */
export function startHeart(
  { ledger, log }: AttemptContext,
  owned: { attemptId: string; epoch: number; spool: Spool },
): Heart {
  const { attemptId, epoch, spool } = owned;
  let spawned: ProcessIdentity | undefined;
  let running: Pick<RunningApply, 'interrupt' | 'isAlive'> | undefined;
  let passing = false;
  const passOn = async () => {
    if (passing || running === undefined || (await spool.wasInterrupted())) return;
    passing = true;
    try {
      if (!(await running.isAlive())) return;
      await spool.noteInterrupt();
      await running.interrupt();
    } finally {
      passing = false;
    }
  };
  const beat = async (): Promise<Standing> => {
    const heard = await ledger.beat(attemptId, epoch, spawned);
    if (heard === undefined) return 'taken';
    if (heard.interrupt) await passOn();
    if (heard.status === 'lost') return 'given-up';
    return heard.interrupt ? 'cancelled' : 'ours';
  };
  const beatOrTell = () =>
    beat().catch((error: unknown) => {
      log.warn({ err: error, attemptId }, 'a heartbeat could not be written');
    });
  const timer = setInterval(() => void beatOrTell(), HEARTBEAT_MS);
  return {
    standing: beat,
    async watch(apply, process) {
      running = apply;
      spawned = process;
      await beatOrTell();
    },
    stop: () => clearInterval(timer),
  };
}
