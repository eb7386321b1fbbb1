import { Redis } from 'ioredis';
import { Problem } from './problem.ts';

export interface Queue {
  redisUrl: string | undefined;
  description: string;
}

/** Where the queue will be: the Redis at REDIS_URL, else PostgreSQL. @throws Problem when that Redis cannot serve */
export async function findQueue(): Promise<Queue> {
  const redisUrl = process.env['REDIS_URL'];
  if (redisUrl === undefined || redisUrl === '')
    return { redisUrl: undefined, description: 'in PostgreSQL (REDIS_URL is not set)' };
  const shown = redisUrl.replace(/\/\/[^@/]*@/, '//…@');
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  let refusal: Error | undefined;
  redis.on('error', (error: Error) => (refusal = error));
  try {
    await redis.connect();
    const policy = /maxmemory_policy:(\S+)/.exec(await redis.info('memory'))?.[1];
    if (policy !== undefined && policy !== 'noeviction') {
      throw new Problem(
        `Redis maxmemory-policy is "${policy}"; BullMQ needs noeviction or jobs can vanish. ` +
          'Type: redis-cli config set maxmemory-policy noeviction, or unset REDIS_URL to queue in PostgreSQL.',
      );
    }
    return { redisUrl, description: `in Redis at ${shown}` };
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { message, code } = (refusal ?? error) as { message: string; code?: string };
    throw new Problem(
      `REDIS_URL is set but ${shown} refused the connection (${code ?? message}). Start it (Debian: apt install ` +
        'redis-server; redis-server --port 6379) or unset REDIS_URL to queue in PostgreSQL.',
    );
  } finally {
    redis.disconnect();
  }
}
