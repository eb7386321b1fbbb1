import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import { randomUUID } from 'node:crypto';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import type { AppDeps } from './deps.ts';
import { jsonVariant } from './json-variant.ts';
import { installAccess } from './plugins/access.ts';
import { installErrorPages } from './plugins/error-pages.ts';
import { installNoNul } from './plugins/no-nul.ts';
import { installRequestLog } from './plugins/request-log.ts';
import { installSameOrigin } from './plugins/same-origin.ts';
import { installSecurityHeaders } from './plugins/security-headers.ts';
import { assetRoutes } from './routes/assets.ts';
import { changeRoutes } from './routes/changes.ts';
import { helpRoutes } from './routes/help.ts';
import { holdRoutes } from './routes/holds.ts';
import { hookRoutes } from './routes/hooks.ts';
import { logRoutes } from './routes/log.ts';
import { loginRoutes } from './routes/login.ts';
import { mandateRoutes } from './routes/mandates.ts';
import { operationRoutes } from './routes/operations.ts';
import { runRoutes } from './routes/runs.ts';

/**
 * The HTTP server, not yet listening: what is registered here is all there is. Hooks and pages are kept apart, since
 * hooks authenticate raw bytes and pages a person.
 */
export function buildApp(deps: AppDeps): FastifyInstance {
  const log: FastifyBaseLogger = deps.log;
  const app = fastify({
    loggerInstance: log,
    // One line a request, written by our own hook.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 64 * 1024,
    genReqId: () => randomUUID(),
    rewriteUrl: jsonVariant,
    ...(deps.trustedProxies === undefined ? {} : { trustProxy: [...deps.trustedProxies] }),
  });
  installRequestLog(app, deps);
  installSecurityHeaders(app, deps);
  installErrorPages(app);
  installNoNul(app);

  app.register(async (machines) => {
    hookRoutes(machines, deps);
    operationRoutes(machines, deps);
  });

  app.register(async (pages) => {
    await pages.register(cookie);
    await pages.register(formbody);
    installSameOrigin(pages, deps);
    assetRoutes(pages);
    loginRoutes(pages, deps);

    pages.register(async (people) => {
      installAccess(people, deps);
      changeRoutes(people, deps);
      helpRoutes(people, deps);
      holdRoutes(people, deps);
      mandateRoutes(people, deps);
      runRoutes(people, deps);
      logRoutes(people, deps);
    });
  });
  return app;
}
