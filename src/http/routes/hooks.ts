import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DeliveryResult } from '#telemetry/metrics.ts';
import type { AppDeps, Delivery, HookSource } from '../deps.ts';

/** GitLab's own limit on what it sends. */
const BODY_LIMIT = 25 * 1024 * 1024;

/**
 * `POST /hooks/gitlab/:segment` and `POST /hooks/jira/:segment`. Authenticate the raw bytes, store once, answer. The
 * answer has no body: GitLab shows it to maintainers. Anything but a wrong secret, an unreadable body or a failing
 * database is answered 200, since GitLab disables a hook that is refused four times.
 */
export function hookRoutes(app: FastifyInstance, deps: AppDeps): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) =>
      done(null, body),
    );
    for (const source of ['gitlab', 'jira'] as const) {
      scope.post<{ Params: { segment: string } }>(
        `/hooks/${source}/:segment`,
        { bodyLimit: BODY_LIMIT },
        async (request, reply) => {
          const result = await receive(deps, source, request);
          deps.metrics.countDelivery(source, result);
          return answer(reply, result);
        },
      );
    }
  });
}

type HookRequest = FastifyRequest<{ Params: { segment: string } }>;

async function receive(
  deps: AppDeps,
  source: Delivery['source'],
  request: HookRequest,
): Promise<DeliveryResult> {
  const log = request.log.child({ source });
  const sender = findSource(deps.hooks[source], request.params.segment);
  if (sender === undefined) {
    log.warn('delivery to an unknown hook address refused');
    return 'refused';
  }
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const verdict = sender.verify(request.headers, body);
  switch (verdict.kind) {
    case 'refused':
      log.warn({ refusal: verdict.reason }, 'delivery refused');
      return 'refused';
    case 'malformed':
      log.warn({ refusal: verdict.reason }, 'delivery cannot be read');
      return 'malformed';
    case 'ignored':
      return 'ignored';
    case 'delivery':
      break;
  }
  if (!maySpeakAbout(sender, verdict.repository)) {
    log.warn({ refusal: 'repository of another hook' }, 'delivery refused');
    return 'refused';
  }
  try {
    const { key, event, repository } = verdict;
    return await deps.hooks.receiveDelivery({ source, key, event, repository, body: body.toString('utf8') });
  } catch (error) {
    log.error({ err: error }, 'delivery could not be stored');
    return 'failed';
  }
}

function answer(reply: FastifyReply, result: DeliveryResult): FastifyReply {
  switch (result) {
    case 'stored':
    case 'duplicate':
    case 'ignored':
      return reply.code(200).send();
    case 'refused':
      return reply.code(401).send();
    case 'malformed':
      return reply.code(400).send();
    case 'failed':
      return reply.code(503).header('retry-after', '60').send();
  }
}

/** All are compared, in constant time: the address is half of the secret. */
function findSource(sources: readonly HookSource[], segment: string): HookSource | undefined {
  const given = digest(segment);
  return sources.filter((source) => timingSafeEqual(digest(source.segment), given))[0];
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function maySpeakAbout(source: HookSource, repository: number | undefined): boolean {
  if (source.repositories === undefined) return true;
  return repository !== undefined && source.repositories.includes(repository);
}
