import type { FastifyInstance } from 'fastify';
import type { Site } from './model/site.ts';
import type { User } from './model/types.ts';

/**
 * Data Center's rate limiting: a bucket of tokens for each user, filled at a steady pace; empty, it answers 429 and says how
 * long to wait (Atlassian: "Adjusting your code for rate limiting").
 */
export function installRateLimit(app: FastifyInstance, site: Site): void {
  const buckets = new Map<string, { tokens: number; at: number }>();
  app.addHook('onRequest', async (request, reply) => {
    const limit = site.settings.rateLimit;
    const user = request.getDecorator<User | null>('jiraCaller');
    if (limit === null || user === null) return undefined;
    const now = Date.now();
    const before = buckets.get(user.accountId) ?? { tokens: limit.capacity, at: now };
    const filled = before.tokens + ((now - before.at) / 1000) * limit.perSecond;
    const tokens = Math.min(limit.capacity, filled);
    const isAllowed = tokens >= 1;
    const left = isAllowed ? tokens - 1 : tokens;
    buckets.set(user.accountId, { tokens: left, at: now });
    void reply
      .header('x-ratelimit-limit', String(limit.capacity))
      .header('x-ratelimit-remaining', String(Math.floor(left)))
      .header('x-ratelimit-interval-seconds', '1')
      .header('x-ratelimit-fillrate', String(limit.perSecond));
    if (isAllowed) return undefined;
    const wait = Math.ceil((1 - left) / limit.perSecond);
    return reply
      .header('retry-after', String(wait))
      .code(429)
      .type('text/plain')
      .send('Rate limit exceeded.');
  });
}
