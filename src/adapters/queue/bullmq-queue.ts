import { createPostgresBackend, Queue, withBackend, Worker } from 'bullmq';
import type { JobQueue, QueueName } from '#app/ports/queue.ts';

/** Where BullMQ keeps its rings: a Redis, or a schema of its own in the PostgreSQL we have anyway. */
export type QueueBackend =
  | { kind: 'redis'; url: string }
  /** `Client` makes its connections; it has to bear their loss, which BullMQ leaves to it (see the store's). */
  | { kind: 'postgres'; url: string; Client: new () => object };

/**
 * A ring is never retried or re-run by BullMQ: the outbox row says whether anything is left to do, and the relay rings
 * again for what is. A stalled ring is therefore dropped (`maxStalledCount: 0`).
 */
const RING = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

/** The queue over BullMQ. `onError` hears of lost connections; BullMQ restores them by itself. */
export function createBullmqQueue(backend: QueueBackend, onError: (error: Error) => void): JobQueue {
  const bull = openBackend(backend);
  const queues = new Map<QueueName, Promise<Queue>>();
  const workers: Worker[] = [];
  const open = async (name: QueueName): Promise<Queue> => {
    const queue = bull.queue(name);
    queue.on('error', onError);
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      // BullMQ remembers for ever that it could not be opened: the next ring opens another.
      queues.delete(name);
      await queue.close();
      throw error;
    }
  };
  const queueOf = (name: QueueName): Promise<Queue> => {
    const opening = queues.get(name) ?? open(name);
    queues.set(name, opening);
    return opening;
  };
  return {
    async ring(name, { row, tries, turn = 0 }) {
      const queue = await queueOf(name);
      await queue.add('ring', { row }, { ...RING, jobId: `row-${row}-${tries}`, priority: turn });
    },
    async answer(name, concurrency, work) {
      const worker = bull.worker(name, concurrency, async ({ data }) => work(data.row));
      worker.on('error', onError);
      workers.push(worker);
      await worker.waitUntilReady();
    },
    async ping() {
      const queue = await queueOf('effects');
      await queue.getJobCounts('waiting');
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.allSettled([...queues.values()].map(async (opening) => (await opening).close()));
    },
  };
}

type Handle = (job: { data: { row: number } }) => Promise<void>;

function openBackend(backend: QueueBackend) {
  const limits = (concurrency: number) => ({ concurrency, maxStalledCount: 0 });
  switch (backend.kind) {
    case 'redis': {
      const redis = { connection: { url: backend.url, maxRetriesPerRequest: null }, prefix: 'countersign' };
      return {
        queue: (name: string): Queue => new Queue(name, redis),
        worker: (name: string, concurrency: number, handle: Handle): Worker =>
          new Worker(name, handle, { ...redis, ...limits(concurrency) }),
      };
    }
    case 'postgres': {
      const { Queue: PgQueue, Worker: PgWorker } = withBackend(postgresBackend);
      const postgres = {
        connection: { connectionString: backend.url, Client: backend.Client, max: 4, skipMigrations: true },
      };
      return {
        queue: (name: string) => new PgQueue(name, postgres) as unknown as Queue,
        worker: (name: string, concurrency: number, handle: Handle) =>
          new PgWorker(name, handle, { ...postgres, ...limits(concurrency) }) as unknown as Worker,
      };
    }
  }
}

/**
 * BullMQ's own, which after a lost connection waits for the next notification alone, for up to an hour; a notification
 * that came in between is lost, and the ring behind it would not be answered.
 */
const postgresBackend: typeof createPostgresBackend = (...made) =>
  Object.defineProperty(createPostgresBackend(...made), 'maximumBlockTimeout', { value: LONGEST_BLOCK_S });

const LONGEST_BLOCK_S = 5;
