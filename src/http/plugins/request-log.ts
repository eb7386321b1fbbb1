import type { FastifyInstance } from 'fastify';
import type { AppDeps } from '../deps.ts';

/** One log line and one observation for each request, by route pattern: paths and queries may hold names. */
export function installRequestLog(app: FastifyInstance, { metrics }: AppDeps): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { method } = request;
    const { statusCode, elapsedTime } = reply;
    metrics.observeRequest({ method, route, status: statusCode, seconds: elapsedTime / 1000 });
    request.log.info({ method, route, statusCode, durationMs: Math.round(elapsedTime) }, 'request answered');
  });
}
