import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { AppDeps } from '../deps.ts';

/**
 * Nothing but our own files is loaded or framed, and nothing inline runs. The referrer stays within the site, and is
 * sent there: without it browsers hide the origin of form posts, which is checked.
 */
export function installSecurityHeaders(app: FastifyInstance, { externalUrl }: AppDeps): void {
  const https = externalUrl.startsWith('https:');
  app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: https,
    xFrameOptions: { action: 'deny' },
  });
  // Pages show evidence to one person: no shared cache may keep them. Assets say otherwise themselves.
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });
}
