import { setTimeout as after } from 'node:timers/promises';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { AppDeps, ReadinessCheck } from '../deps.ts';

const PROBE_LIMIT_MS = 2_000;

interface CheckResult {
  name: string;
  ok: boolean;
  reason?: string;
  detail?: string;
}

/** For orchestrators and Prometheus: is the process alive, can it serve, what is it doing. None holds a secret. */
export function operationRoutes(app: FastifyInstance, { readiness, metrics }: AppDeps): void {
  app.get('/healthz', async () => ({ status: 'alive' }));

  app.get('/readyz', async (request, reply) => {
    const checks = await Promise.all(readiness.map((check) => run(check, request.log)));
    const ready = checks.every((check) => check.ok);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks });
  });

  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await metrics.scrape();
    return reply.type(contentType).send(text);
  });
}

async function run(check: ReadinessCheck, log: FastifyBaseLogger): Promise<CheckResult> {
  const { name } = check;
  const giveUp = new AbortController();
  try {
    const late = after(
      PROBE_LIMIT_MS,
      { ok: false as const, reason: 'no answer within 2 s' },
      { signal: giveUp.signal },
    );
    return { name, ...(await Promise.race([check.probe(), late])) };
  } catch (error) {
    log.warn({ err: error, check: name }, 'readiness check failed');
    return { name, ok: false, reason: 'the check itself failed; see the log' };
  } finally {
    giveUp.abort();
  }
}
