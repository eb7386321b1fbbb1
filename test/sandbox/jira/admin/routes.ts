import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { hookAdminRoutes } from './hooks.ts';
import { misbehaviourRoutes } from './misbehaviour.ts';
import { peopleAdminRoutes } from './people.ts';
import { type Sandbox, SandboxRefusal } from './sandbox.ts';
import { siteAdminRoutes } from './site.ts';

/** What tests and the demo use to set the scene: no part of JIRA, and without credentials. */
export function adminRoutes(app: FastifyInstance, sandbox: Sandbox): void {
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof z.ZodError) return reply.code(400).send({ error: z.prettifyError(error) });
    if (error instanceof SandboxRefusal) return reply.code(error.status).send({ error: error.message });
    return reply.send(error);
  });
  peopleAdminRoutes(app, sandbox);
  siteAdminRoutes(app, sandbox);
  hookAdminRoutes(app, sandbox);
  misbehaviourRoutes(app, sandbox);
}
