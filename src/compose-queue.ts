import { createBullmqQueue } from '#adapters/queue/bullmq-queue.ts';
import { SteadyClient } from '#store/steady-client.ts';
import type { composeBase } from './compose.ts';
import type { Secrets } from './config.ts';

/**
 * The queue that the environment names: Redis where there is one, PostgreSQL otherwise. Apart from the workers' world,
 * so that the server, which only asks whether it answers, loads nothing of theirs.
 */
export function composeQueue(secrets: Secrets, log: ReturnType<typeof composeBase>['log']) {
  const onError = (error: Error) => log.warn({ err: error }, 'the queue lost its connection');
  const { databaseUrl, redisUrl } = secrets;
  return createBullmqQueue(
    redisUrl === undefined
      ? { kind: 'postgres', url: databaseUrl, Client: SteadyClient }
      : { kind: 'redis', url: redisUrl },
    onError,
  );
}
