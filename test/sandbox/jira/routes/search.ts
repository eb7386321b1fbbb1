import type { FastifyInstance } from 'fastify';
import { type Api, callerOf } from '../api.ts';
import { badRequest, JiraError } from '../errors.ts';
import { countParameter, type JsonObject, listParameter, objectOrEmpty, textOf } from '../json.ts';
import { hasProjectPermission } from '../model/permissions.ts';
import type { Issue, User } from '../model/types.ts';
import { presentIssue, presentChangelog } from '../present/issue.ts';
import { checkJql, compareBy, matches } from '../search/evaluate.ts';
import { parseJql } from '../search/jql.ts';
import type { SearchIndex } from '../search/search-index.ts';

interface SearchRequest {
  jql: string;
  fields: string[];
  properties: string[];
  expand: string[];
  maxResults: number;
  nextPageToken: string | null;
  reconcileIssues: string[];
}

/** Search by JQL against the lagging index. On Cloud the search of old, with its totals, is gone; Data Center has no other. */
export function searchRoutes(app: FastifyInstance, api: Api, index: SearchIndex): void {
  if (api.edition.kind === 'data-center') return totalSearchRoutes(app, api, index);
  app.get<{ Querystring: JsonObject }>('/search/jql', (request) =>
    search(api, index, callerOf(request), parseRequest(request.query)),
  );
  app.post('/search/jql', (request) =>
    search(api, index, callerOf(request), parseRequest(objectOrEmpty(request.body))),
  );
  app.post('/search/approximate-count', (request) => {
    const { jql } = objectOrEmpty(request.body);
    return { count: find(api, index, callerOf(request), textOf(jql), []).length };
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/search',
    handler: () => {
      throw new JiraError(410, [
        `The requested API has been removed. Please migrate to the /rest/api/${api.version}/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046`,
      ]);
    },
  });
}

function totalSearchRoutes(app: FastifyInstance, api: Api, index: SearchIndex): void {
  app.get<{ Querystring: JsonObject }>('/search', (request) =>
    searchWithTotal(api, index, callerOf(request), request.query),
  );
  app.post('/search', (request) =>
    searchWithTotal(api, index, callerOf(request), objectOrEmpty(request.body)),
  );
}

/** Data Center's search: by offset, with a total; unbounded queries are fine, and all navigable fields are the default. */
function searchWithTotal(api: Api, index: SearchIndex, user: User, given: JsonObject): JsonObject {
  const found = find(api, index, user, textOf(given['jql']), []);
  const startAt = countParameter(given['startAt'], 0, Number.MAX_SAFE_INTEGER);
  const maxResults = countParameter(given['maxResults'], 50, 1000);
  const fields = listOf(given['fields']) ?? ['*navigable'];
  const expand = listParameter(given['expand']) ?? [];
  const issues = found.slice(startAt, startAt + maxResults);
  return {
    expand: 'schema,names',
    startAt,
    maxResults,
    total: found.length,
    issues: issues.map((issue) =>
      presentIssue(
        api,
        user,
        issue,
        fields,
        expand.includes('changelog') ? { changelog: presentChangelog(api, issue) } : {},
      ),
    ),
  };
}

function search(api: Api, index: SearchIndex, user: User, request: SearchRequest): JsonObject {
  const found = find(api, index, user, request.jql, request.reconcileIssues);
  const start = startOf(request);
  const page = found.slice(start, start + request.maxResults);
  const isLast = start + page.length >= found.length;
  return {
    issues: page.map((issue) => presentFound(api, user, issue, request)),
    ...(isLast ? {} : { nextPageToken: tokenFor(request.jql, start + page.length) }),
    isLast,
  };
}

function find(api: Api, index: SearchIndex, user: User, jql: string, reconcile: readonly string[]): Issue[] {
  const { site } = api;
  const query = parseJql(jql);
  const { where } = query;
  if (where === null && api.edition.kind === 'cloud') {
    throw badRequest(
      'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.',
    );
  }
  checkJql(site, query);
  return index
    .entries(reconcile)
    .filter((entry) => where === null || matches(site, where, entry))
    .toSorted(compareBy(site, query.orderBy))
    .flatMap((entry) => site.issues.get(entry.id) ?? [])
    .filter((issue) => hasProjectPermission(site, user, site.projectOf(issue), 'BROWSE_PROJECTS'));
}

/** Without `fields` a found issue is its id alone. */
function presentFound(api: Api, user: User, issue: Issue, request: SearchRequest): JsonObject {
  const fields = request.fields.filter((field) => field !== 'id' && field !== 'key');
  const onlyId = fields.length === 0 && !request.fields.includes('key');
  if (onlyId && request.properties.length === 0 && request.expand.length === 0) return { id: issue.id };
  return presentIssue(api, user, issue, fields, {
    ...(request.expand.includes('changelog') ? { changelog: presentChangelog(api, issue) } : {}),
    ...(request.properties.length === 0
      ? {}
      : {
          properties: Object.fromEntries(
            [...issue.properties].filter(([key]) => request.properties.includes(key)),
          ),
        }),
  });
}

function parseRequest(given: JsonObject): SearchRequest {
  const reconcileIssues = listOf(given['reconcileIssues']) ?? [];
  if (reconcileIssues.length > 50) throw badRequest('At most 50 issues can be reconciled.');
  if (given['startAt'] !== undefined)
    throw badRequest('Invalid request payload. Refer to the REST API documentation and try again.');
  const token = given['nextPageToken'];
  return {
    jql: textOf(given['jql']),
    fields: listOf(given['fields']) ?? ['id'],
    properties: listOf(given['properties']) ?? [],
    expand: listParameter(given['expand']) ?? [],
    maxResults: Math.max(1, countParameter(given['maxResults'], 50, 5000)),
    nextPageToken: typeof token === 'string' && token !== '' ? token : null,
    reconcileIssues,
  };
}

function listOf(value: unknown): string[] | null {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'number' ? [String(value)] : listParameter(value);
}

function tokenFor(jql: string, start: number): string {
  return Buffer.from(JSON.stringify({ jql, start })).toString('base64url');
}

/** A page token belongs to its query. */
function startOf(request: SearchRequest): number {
  if (request.nextPageToken === null) return 0;
  try {
    const decoded: unknown = JSON.parse(Buffer.from(request.nextPageToken, 'base64url').toString('utf8'));
    const { jql, start } = objectOrEmpty(decoded);
    if (jql === request.jql && typeof start === 'number') return start;
  } catch {
    // Reported below, like any other token that is not ours.
  }
  throw badRequest('The provided next page token is invalid.');
}
