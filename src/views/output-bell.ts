import { EventEmitter, once } from 'node:events';
import type { OpenDatabase } from '#store/database.ts';

type Pool = OpenDatabase['pool'];

/** What is needed of a pool's connection once it listens. */
interface Client {
  release(destroy: boolean): void;
}

/** Tells readers that a run printed something. Only a hint: what was printed is read from the table. */
export interface OutputBell {
  subscribe(runId: string): Subscription;
  close(): Promise<void>;
}

export interface Subscription {
  /** Resolves when the run printed since the last call, after `ms` at the latest, and at once when told to stop. */
  next(ms: number, stop: AbortSignal): Promise<void>;
  end(): void;
}

/**
 * One connection that listens on behalf of all readers of this process, opened for the first of them. While it is
 * lost, readers fall back on their own time limit.
 */
export function openOutputBell(pool: Pool, onError: (error: unknown) => void): OutputBell {
  const runs = new EventEmitter();
  runs.setMaxListeners(0);
  let listening: Promise<Client | undefined> | undefined;
  let closed = false;

  const listen = async (): Promise<Client | undefined> => {
    try {
      const client = await pool.connect();
      client.once('error', (error) => {
        onError(error);
        listening = undefined;
        client.release(true);
      });
      client.on('notification', ({ payload }) => runs.emit(payload ?? ''));
      await client.query('listen countersign_output');
      return client;
    } catch (error) {
      onError(error);
      listening = undefined;
      return undefined;
    }
  };
  const connect = (): void => {
    if (!closed) listening ??= listen();
  };

  return {
    subscribe: (runId) => subscribe(runs, runId, connect),
    async close() {
      closed = true;
      (await listening)?.release(true);
    },
  };
}

function subscribe(runs: EventEmitter, runId: string, connect: () => void): Subscription {
  let rung = false;
  const ring = (): void => {
    rung = true;
  };
  runs.on(runId, ring);
  return {
    async next(ms, stop) {
      connect();
      const signal = AbortSignal.any([stop, AbortSignal.timeout(ms)]);
      if (!rung) await once(runs, runId, { signal }).catch(() => undefined);
      rung = false;
    },
    end: () => runs.off(runId, ring),
  };
}
