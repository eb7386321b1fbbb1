import type { QueueBackendName } from './queue-backends.ts';
import { type RedisServer, startRedis } from './redis.ts';
import { openStory, type Story } from './story.ts';

/** A story whose house rings its workers through the given queue; with the Redis of its own, where that is the queue. */
export async function openStoryOn(
  backend: QueueBackendName,
  options: Parameters<typeof openStory>[0] = {},
): Promise<Story & { redis: RedisServer | undefined }> {
  if (backend === 'postgres') return { ...(await openStory(options)), redis: undefined };
  const redis = await startRedis();
  const story = await openStory({ ...options, redisUrl: redis.url }).catch(async (error: unknown) => {
    await redis.stop();
    throw error;
  });
  return {
    ...story,
    redis,
    async close() {
      await story.close();
      await redis.stop();
    },
  };
}
