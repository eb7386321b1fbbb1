import { describe } from 'vitest';
import { usualJira } from '#test/sandbox/house/jira-flavour.ts';
import { redisIsInstalled } from './redis.ts';

export type QueueBackendName = 'postgres' | 'redis';

/**
 * Runs a suite once for each backend; where there is no `redis-server` its tests are reported as skipped. Which JIRA there
 * is says nothing about the queue: what is told once more for another one is told on PostgreSQL alone.
 */
export function describeOnEachQueueBackend(title: string, suite: (backend: QueueBackendName) => void): void {
  describe(`${title}, queue in PostgreSQL`, () => {
    suite('postgres');
  });
  if (usualJira() !== 'cloud') return;
  describe.skipIf(!redisIsInstalled)(`${title}, queue in Redis`, () => {
    suite('redis');
  });
}
