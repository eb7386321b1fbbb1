import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Fault } from '../faults.ts';
import type { Sandbox } from './sandbox.ts';

const FaultInput = z.strictObject({
  kind: z.enum([
    'rate-limited',
    'server-error',
    'unavailable',
    'conflict',
    'redirected',
    'slow',
    'reset-before-write',
    'reset-after-write',
    'altered',
  ]),
  account: z.string().nullable().default(null),
  method: z.string().toUpperCase().nullable().default(null),
  path: z.string().default('.'),
  count: z.number().int().positive().default(1),
  retryAfterSeconds: z.number().nonnegative().default(1),
  rateLimitReason: z.string().default('jira-burst-based'),
  delayMs: z.number().nonnegative().default(1000),
  set: z.record(z.string(), z.unknown()).default({}),
  cut: z.array(z.string()).default([]),
});

const Stop = z.strictObject({ mode: z.enum(['unavailable', 'dropped']).default('unavailable') });

/** Faults of single requests, the whole server out of order, and the log of what was asked. */
export function misbehaviourRoutes(
  app: FastifyInstance,
  { faults, requests, routes, dispatcher }: Sandbox,
): void {
  app.post('/faults', (request, reply) => {
    const { count, path, ...fault } = FaultInput.parse(request.body);
    const added = faults.add({ ...fault, path: new RegExp(path), remaining: count });
    return reply.code(201).send(shown(added));
  });

  app.get('/faults', () => ({ mode: faults.mode, faults: faults.list().map(shown) }));

  app.post('/stop', (request) => {
    faults.mode = Stop.parse(request.body ?? {}).mode;
    return { mode: faults.mode };
  });

  app.post('/heal', () => {
    faults.heal();
    dispatcher.clearFaults();
    return { mode: faults.mode };
  });

  app.get('/routes', () => routes);

  app.get<{ Querystring: { method?: string; path?: string; since?: string } }>('/requests', (request) => {
    const { method, path, since } = request.query;
    const pattern = path === undefined ? null : new RegExp(path);
    return requests.entries.filter(
      (entry) =>
        (method === undefined || entry.method === method.toUpperCase()) &&
        (pattern === null || pattern.test(entry.path)) &&
        (since === undefined || entry.sequence > Number(since)),
    );
  });
}

function shown(fault: Fault) {
  return { ...fault, path: fault.path.source };
}
