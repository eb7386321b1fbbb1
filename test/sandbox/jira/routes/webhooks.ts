import type { FastifyInstance } from 'fastify';
import { type Api, callerOf, isAdministrator } from '../api.ts';
import { badRequest, forbidden, notFound } from '../errors.ts';
import { checkHookFilter, type HookDispatcher, type Webhook } from '../hooks/dispatcher.ts';
import { type SiteEventType, siteEventTypes } from '../hooks/events.ts';
import { isObject, type JsonObject, objectOrEmpty } from '../json.ts';

interface IdParams {
  Params: { id: string };
}

/** Admin webhooks, `/rest/webhooks/1.0/webhook`. The secret is written, never shown. */
export function webhookRoutes(app: FastifyInstance, api: Api, dispatcher: HookDispatcher): void {
  app.addHook('preHandler', async (request) => {
    if (!isAdministrator(api.site, callerOf(request))) {
      throw forbidden('You do not have permission to manage webhooks.');
    }
  });

  app.post('/webhook', (request, reply) => {
    const webhook = dispatcher.register({
      ...parseWebhook(api, request.body),
      registeredBy: callerOf(request).accountId,
    });
    return reply.code(201).send(presentWebhook(api, webhook));
  });

  app.get('/webhook', () => [...dispatcher.webhooks.values()].map((webhook) => presentWebhook(api, webhook)));

  app.get<IdParams>('/webhook/:id', (request) =>
    presentWebhook(api, requested(dispatcher, request.params.id)),
  );

  app.put<IdParams>('/webhook/:id', (request) => {
    const webhook = requested(dispatcher, request.params.id);
    const changed = parseWebhook(api, { ...presentWebhook(api, webhook), ...objectOrEmpty(request.body) });
    // A change that names no secret keeps the one there is.
    Object.assign(webhook, changed, { secret: changed.secret ?? webhook.secret, updated: Date.now() });
    return presentWebhook(api, webhook);
  });

  app.delete<IdParams>('/webhook/:id', (request, reply) => {
    dispatcher.webhooks.delete(requested(dispatcher, request.params.id).id);
    return reply.code(204).send();
  });
}

function parseWebhook(api: Api, body: unknown): Omit<Webhook, 'id' | 'updated' | 'registeredBy'> {
  if (!isObject(body)) throw badRequest('A webhook is registered with a JSON object.');
  const { name, url, events, secret } = body;
  if (typeof name !== 'string' || name === '') throw badRequest('The name of the webhook must not be empty.');
  if (typeof url !== 'string' || !URL.canParse(url))
    throw badRequest(`The url '${String(url)}' is not valid.`);
  const known = Array.isArray(events) ? events.filter(isEventType) : [];
  if (!Array.isArray(events) || known.length !== events.length)
    throw badRequest('The list of events is not valid.');
  const jql = objectOrEmpty(body['filters'])['issue-related-events-section'];
  checkHookFilter(api, typeof jql === 'string' ? jql : '');
  return {
    name,
    url,
    events: known,
    secret: typeof secret === 'string' && secret !== '' ? secret : null,
    jql: typeof jql === 'string' ? jql : '',
    enabled: body['enabled'] !== false,
    excludeBody: body['excludeBody'] === true,
  };
}

function presentWebhook(api: Api, webhook: Webhook): JsonObject {
  return {
    self: `${api.baseUrl()}/rest/webhooks/1.0/webhook/${webhook.id}`,
    name: webhook.name,
    url: webhook.url,
    events: webhook.events,
    filters: { 'issue-related-events-section': webhook.jql },
    excludeBody: webhook.excludeBody,
    enabled: webhook.enabled,
    isSigned: webhook.secret !== null,
    lastUpdated: webhook.updated,
    lastUpdatedUser: webhook.registeredBy,
  };
}

function requested(dispatcher: HookDispatcher, id: string): Webhook {
  const webhook = dispatcher.webhooks.get(Number(id));
  if (webhook === undefined) throw notFound(`Webhook with id '${id}' does not exist.`);
  return webhook;
}

function isEventType(value: unknown): value is SiteEventType {
  return siteEventTypes.some((type) => type === value);
}
