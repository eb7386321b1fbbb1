import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { statusChange } from '../changes/history.ts';
import type { Api } from '../api.ts';
import type { Delivery } from '../hooks/dispatcher.ts';
import { hookBody } from '../hooks/body.ts';
import { type Sandbox, SandboxRefusal } from './sandbox.ts';

const Forgery = z.strictObject({
  webhookId: z.number().int(),
  issueKey: z.string(),
  /** Whom the forged event names as the one who moved the issue. */
  accountId: z.string(),
  toStatusId: z.string(),
});

const Advance = z.strictObject({ milliseconds: z.number().positive() });
const HookFaultInput = z.strictObject({
  kind: z.enum(['lost', 'doubled', 'reordered', 'delayed']),
  count: z.number().int().positive().default(1),
});

/** The delivery log, the retry clock, hooks that get lost or doubled, and hooks that lie. */
export function hookAdminRoutes(app: FastifyInstance, { api, dispatcher }: Sandbox): void {
  app.get<{ Querystring: { event?: string; state?: string } }>('/deliveries', (request) => {
    const { event, state } = request.query;
    return dispatcher.deliveries.filter(
      (delivery) =>
        (event === undefined || delivery.event === event) &&
        (state === undefined || delivery.state === state),
    );
  });

  app.post('/deliveries/settle', async () => {
    await dispatcher.settled();
    return { deliveries: dispatcher.deliveries.length };
  });

  app.post<{ Params: { identifier: string } }>('/deliveries/:identifier/repeat', async (request) => {
    const delivery = requestedDelivery(dispatcher.deliveries, request.params.identifier);
    dispatcher.repeat(delivery);
    await dispatcher.settled();
    return delivery;
  });

  app.post('/hooks/faults', (request, reply) => {
    const { kind, count } = HookFaultInput.parse(request.body);
    dispatcher.fault(kind, count);
    return reply.code(201).send({ kind, count });
  });

  app.delete('/hooks/faults', (_request, reply) => {
    dispatcher.clearFaults();
    return reply.code(204).send();
  });

  app.post('/hooks/release', async () => {
    const released = dispatcher.releaseHeld();
    await dispatcher.settled();
    return { released };
  });

  app.post('/hooks/clock/advance', async (request) => {
    const retried = dispatcher.advance(Advance.parse(request.body).milliseconds);
    await dispatcher.settled();
    return { retried };
  });

  app.post('/hooks/forge', async (request, reply) => {
    const forgery = Forgery.parse(request.body);
    const webhook = dispatcher.webhooks.get(forgery.webhookId);
    if (webhook === undefined) throw new SandboxRefusal(404, `No webhook ${forgery.webhookId}`);
    const delivery = dispatcher.forge(webhook, forgedBody(api, forgery));
    await dispatcher.settled();
    return reply.code(201).send(delivery);
  });
}

function requestedDelivery(deliveries: readonly Delivery[], identifier: string): Delivery {
  const delivery = deliveries.find((candidate) => candidate.identifier === identifier);
  if (delivery === undefined) throw new SandboxRefusal(404, `No delivery ${identifier}`);
  return delivery;
}

/** An `issue_updated` as JIRA would send it had the move happened; the store is left as it is. */
function forgedBody(api: Api, forgery: z.infer<typeof Forgery>) {
  const { site } = api;
  const issue = site.findIssue(forgery.issueKey);
  const user = site.users.get(forgery.accountId);
  if (issue === undefined) throw new SandboxRefusal(404, `No issue ${forgery.issueKey}`);
  if (user === undefined) throw new SandboxRefusal(404, `No user ${forgery.accountId}`);
  const from = site.status(issue.statusId);
  const to = site.status(forgery.toStatusId);
  return hookBody(
    api,
    {
      type: 'jira:issue_updated',
      issue: { ...issue, statusId: to.id },
      user,
      eventTypeName: 'issue_generic',
      changelog: {
        id: String(Math.max(10_000, ...issue.histories.map((history) => history.id)) + 1),
        items: [statusChange(from, to)],
      },
      comment: null,
    },
    Date.now(),
  );
}
