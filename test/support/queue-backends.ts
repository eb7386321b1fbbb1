import { describe } from 'vitest';
import { redisIsInstalled } from './redis.ts';

export type QueueBackendName = 'postgres' | 'redis';

/** Runs a suite once for each backend; where there is no `redis-server` its tests are reported as skipped. */
export function describeOnEachQueueBackend(title: string, suite: (backend: QueueBackendName) => void): void {
  describe(`${title}, queue in PostgreSQL`, () => {
    suite('postgres');
  });
  describe.skipIf(!redisIsInstalled)(`${title}, queue in Redis`, () => {
    suite('redis');
  });
}
