export type QueueName = 'plan' | 'apply' | 'effects';

export interface Ring {
  row: number;
  tries: number;
  /** Rings without a turn are answered first, then those of lower turns; equal ones in the order of their ringing. */
  turn?: number;
}

/**
 * The doorbell: says that a row of the outbox wants to be done. It carries ids only, may lose or repeat them at any
 * time, and is never asked what became of anything.
 */
export interface JobQueue {
  /** Rings for a row; ringing again while the first still waits is nothing. */
  ring(queue: QueueName, ring: Ring): Promise<void>;
  /** Calls `work` for rings of one queue, at most `concurrency` at a time, until `close`. */
  answer(queue: QueueName, concurrency: number, work: (row: number) => Promise<void>): Promise<void>;
  /** Throws when the queue cannot be reached. */
  ping(): Promise<void>;
  /** Stops answering, waits for the work in hand, and lets go of the connections. */
  close(): Promise<void>;
}
