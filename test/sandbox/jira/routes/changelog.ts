import type { FastifyInstance } from 'fastify';
import { type Api, callerOf } from '../api.ts';
import { badRequest } from '../errors.ts';
import { countParameter, objectOrEmpty } from '../json.ts';
import { hasProjectPermission, visibleIssue } from '../model/permissions.ts';
import type { History, Issue, User } from '../model/types.ts';
import { restUrl } from '../present/common.ts';
import { presentHistory } from '../present/parts.ts';

interface IssueParams {
  Params: { issueIdOrKey: string };
  Querystring: Record<string, unknown>;
}

/** The changelog: paged and oldest first, by ids, and for many issues at once. */
export function changelogRoutes(app: FastifyInstance, api: Api): void {
  const { site } = api;
  if (api.edition.kind === 'data-center') return;

  app.get<IssueParams>('/issue/:issueIdOrKey/changelog', (request) => {
    const issue = visibleIssue(site, callerOf(request), request.params.issueIdOrKey);
    const startAt = countParameter(request.query['startAt'], 0, Number.MAX_SAFE_INTEGER);
    const maxResults = countParameter(request.query['maxResults'], 100, 100);
    const values = issue.histories.slice(startAt, startAt + maxResults);
    const page = (from: number) =>
      restUrl(api, `/issue/${issue.key}/changelog?maxResults=${maxResults}&startAt=${from}`);
    const isLast = startAt + values.length >= issue.histories.length;
    return {
      self: page(startAt),
      ...(isLast ? {} : { nextPage: page(startAt + maxResults) }),
      maxResults,
      startAt,
      total: issue.histories.length,
      isLast,
      values: values.map((history) => presentHistory(api, history)),
    };
  });

  app.post<IssueParams>('/issue/:issueIdOrKey/changelog/list', (request) => {
    const issue = visibleIssue(site, callerOf(request), request.params.issueIdOrKey);
    const { changelogIds } = objectOrEmpty(request.body);
    if (!Array.isArray(changelogIds)) throw badRequest('changelogIds must be a list of ids.');
    const histories = issue.histories.filter((history) => changelogIds.includes(history.id));
    return {
      maxResults: histories.length,
      startAt: 0,
      total: histories.length,
      histories: histories.map((history) => presentHistory(api, history)),
    };
  });

  app.post('/changelog/bulkfetch', (request) => {
    const { issueIdsOrKeys, fieldIds, maxResults, nextPageToken } = objectOrEmpty(request.body);
    if (!Array.isArray(issueIdsOrKeys) || issueIdsOrKeys.length === 0) {
      throw badRequest('issueIdsOrKeys must not be empty.');
    }
    if (issueIdsOrKeys.length > 1000) throw badRequest('At most 1000 issues can be requested.');
    const wanted = Array.isArray(fieldIds) && fieldIds.length > 0 ? new Set<unknown>(fieldIds) : null;
    const entries = visibleIssues(api, callerOf(request), issueIdsOrKeys)
      .flatMap((issue) => issue.histories.map((history) => ({ issue, history })))
      .filter(({ history }) => wanted === null || history.items.some((item) => wanted.has(item.fieldId)))
      .toSorted((a, b) => a.history.id - b.history.id);
    const start = Number(nextPageToken ?? 0) || 0;
    const limit = countParameter(maxResults, 1000, 10_000);
    const page = entries.slice(start, start + limit);
    return {
      issueChangeLogs: groupByIssue(page).map(([issueId, histories]) => ({
        issueId,
        changeHistories: histories.map((history) => ({
          ...presentHistory(api, history),
          // Bulk fetch writes milliseconds since 1970 where the paged changelog writes a date.
          created: history.created,
        })),
      })),
      ...(start + limit < entries.length ? { nextPageToken: String(start + limit) } : {}),
    };
  });
}

function visibleIssues(api: Api, user: User, idsOrKeys: unknown[]): Issue[] {
  return idsOrKeys.flatMap((idOrKey) => {
    const issue = api.site.findIssue(String(idOrKey));
    if (issue === undefined) return [];
    return hasProjectPermission(api.site, user, api.site.projectOf(issue), 'BROWSE_PROJECTS') ? [issue] : [];
  });
}

function groupByIssue(entries: readonly { issue: Issue; history: History }[]): [string, History[]][] {
  const groups = new Map<string, History[]>();
  for (const { issue, history } of entries) {
    groups.set(issue.id, [...(groups.get(issue.id) ?? []), history]);
  }
  return [...groups];
}
