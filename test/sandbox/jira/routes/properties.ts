import type { FastifyInstance } from 'fastify';
import { type Api, callerOf } from '../api.ts';
import { deleteProperty, setProperty } from '../changes/properties.ts';
import { badRequest, notFound } from '../errors.ts';
import { visibleIssue } from '../model/permissions.ts';
import { restUrl } from '../present/common.ts';

interface PropertyParams {
  Params: { issueIdOrKey: string; propertyKey: string };
}

/** Entity properties: JSON values on an issue that no page shows. */
export function propertyRoutes(app: FastifyInstance, api: Api): void {
  const { site } = api;

  app.get<PropertyParams>('/issue/:issueIdOrKey/properties', (request) => {
    const issue = visibleIssue(site, callerOf(request), request.params.issueIdOrKey);
    return {
      keys: [...issue.properties.keys()].map((key) => ({
        self: restUrl(api, `/issue/${issue.id}/properties/${encodeURIComponent(key)}`),
        key,
      })),
    };
  });

  app.get<PropertyParams>('/issue/:issueIdOrKey/properties/:propertyKey', (request) => {
    const issue = visibleIssue(site, callerOf(request), request.params.issueIdOrKey);
    const key = request.params.propertyKey;
    if (!issue.properties.has(key)) throw notFound(`The property ${key} does not exist.`);
    return { key, value: issue.properties.get(key) };
  });

  app.put<PropertyParams>('/issue/:issueIdOrKey/properties/:propertyKey', (request, reply) => {
    const user = callerOf(request);
    const issue = visibleIssue(site, user, request.params.issueIdOrKey);
    if (request.body === undefined) throw badRequest('The property value must be valid JSON.');
    const isNew = setProperty(site, user, issue, request.params.propertyKey, request.body);
    return reply.code(isNew ? 201 : 200).send();
  });

  app.delete<PropertyParams>('/issue/:issueIdOrKey/properties/:propertyKey', (request, reply) => {
    const user = callerOf(request);
    const issue = visibleIssue(site, user, request.params.issueIdOrKey);
    deleteProperty(site, user, issue, request.params.propertyKey);
    return reply.code(204).send();
  });
}
