import type { FastifyInstance } from 'fastify';
import { type Api, callerOf } from '../api.ts';
import { createIssue, createScreen, deleteIssue, editIssue, editScreen } from '../changes/issues.ts';
import { transitionsFor } from '../changes/transitions.ts';
import { badRequest } from '../errors.ts';
import { isObject, type JsonObject, listParameter } from '../json.ts';
import { visibleIssue } from '../model/permissions.ts';
import { fieldMetadata, presentFields } from '../present/fields.ts';
import { presentIssue, presentChangelog, presentRenderedFields } from '../present/issue.ts';
import { presentTransition } from '../present/parts.ts';
import { presentIssueType, restUrl } from '../present/common.ts';
import type { Issue, Project, User } from '../model/types.ts';

interface IssueParams {
  Params: { issueIdOrKey: string };
  Querystring: Record<string, unknown>;
}

/** Create, read, edit and delete an issue, and what may be edited on it. */
export function issueRoutes(app: FastifyInstance, api: Api): void {
  const { site, version } = api;

  app.post('/issue', (request, reply) => {
    const issue = createIssue(site, version, callerOf(request), requireBody(request.body));
    return reply.code(201).send({ id: issue.id, key: issue.key, self: restUrl(api, `/issue/${issue.id}`) });
  });

  app.get<IssueParams>('/issue/:issueIdOrKey', (request) => {
    const user = callerOf(request);
    const issue = visibleIssue(site, user, request.params.issueIdOrKey);
    const fields = listParameter(request.query['fields']) ?? ['*all'];
    return presentIssue(api, user, issue, fields, issueExtras(api, user, issue, request.query));
  });

  app.put<IssueParams>('/issue/:issueIdOrKey', (request, reply) => {
    const user = callerOf(request);
    const issue = visibleIssue(site, user, request.params.issueIdOrKey);
    editIssue(site, version, user, issue, requireBody(request.body));
    if (request.query['returnIssue'] === 'true') return reply.send(presentIssue(api, user, issue, ['*all']));
    return reply.code(204).send();
  });

  app.delete<IssueParams>('/issue/:issueIdOrKey', (request, reply) => {
    const user = callerOf(request);
    deleteIssue(site, user, visibleIssue(site, user, request.params.issueIdOrKey));
    return reply.code(204).send();
  });

  app.get<IssueParams>('/issue/:issueIdOrKey/editmeta', (request) => {
    const user = callerOf(request);
    const issue = visibleIssue(site, user, request.params.issueIdOrKey);
    return {
      fields: screenFields(api, site.projectOf(issue), editScreen(site, site.projectOf(issue), user)),
    };
  });

  app.get<{ Params: { projectIdOrKey: string } }>(
    '/issue/createmeta/:projectIdOrKey/issuetypes',
    (request) => {
      const { issueTypes } = requireProject(api, request.params.projectIdOrKey);
      return pageOf(
        api,
        'issueTypes',
        issueTypes.map((issueType) => presentIssueType(api, issueType)),
      );
    },
  );

  app.get<{ Params: { projectIdOrKey: string; issueTypeId: string } }>(
    '/issue/createmeta/:projectIdOrKey/issuetypes/:issueTypeId',
    (request) => {
      const project = requireProject(api, request.params.projectIdOrKey);
      if (!project.issueTypes.some((issueType) => issueType.id === request.params.issueTypeId)) {
        throw badRequest('The issue type does not exist in this project.');
      }
      const screen = ['project', 'issuetype', ...createScreen(site, project, callerOf(request))];
      const fields = Object.entries(screenFields(api, project, screen)).map(([fieldId, metadata]) => ({
        ...metadata,
        fieldId,
      }));
      return pageOf(api, 'fields', fields);
    },
  );

  app.get('/field', () => presentFields(api));
}

/** Cloud names the list after what is in it, Data Center calls it `values`. */
function pageOf(api: Api, name: string, all: readonly JsonObject[]): JsonObject {
  const page = { startAt: 0, maxResults: 50, total: all.length };
  return api.edition.kind === 'cloud' ? { ...page, [name]: all } : { ...page, isLast: true, values: all };
}

function requireBody(body: unknown): JsonObject {
  if (!isObject(body))
    throw badRequest('Invalid request payload. Refer to the REST API documentation and try again.');
  return body;
}

function issueExtras(api: Api, user: User, issue: Issue, query: Record<string, unknown>): JsonObject {
  const expand = listParameter(query['expand']) ?? [];
  const properties = listParameter(query['properties']) ?? [];
  const extras: JsonObject = {};
  if (expand.includes('changelog')) extras['changelog'] = presentChangelog(api, issue);
  if (expand.includes('renderedFields')) extras['renderedFields'] = presentRenderedFields(issue);
  if (expand.includes('transitions')) {
    extras['transitions'] = transitionsFor(api.site, user, issue).map((transition) =>
      presentTransition(api, transition, false),
    );
  }
  if (expand.includes('names')) {
    extras['names'] = Object.fromEntries(
      presentFields(api).map((field) => [String(field['id']), field['name']]),
    );
  }
  if (properties.length > 0) {
    const wanted = (key: string) => properties.includes('*all') || properties.includes(key);
    extras['properties'] = Object.fromEntries([...issue.properties].filter(([key]) => wanted(key)));
  }
  return extras;
}

function screenFields(api: Api, project: Project, screen: Iterable<string>): Record<string, JsonObject> {
  const required = new Set(['summary', 'project', 'issuetype']);
  return Object.fromEntries(
    [...screen].map((fieldId) => [fieldId, fieldMetadata(api, project, fieldId, required.has(fieldId))]),
  );
}

function requireProject(api: Api, idOrKey: string) {
  const project = api.site.findProject(idOrKey);
  if (project === undefined) throw badRequest(`No project could be found with id or key '${idOrKey}'.`);
  return project;
}
