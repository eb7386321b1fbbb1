import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Api, callerOf } from '../api.ts';
import { answerApproval } from '../changes/approvals.ts';
import { createIssue } from '../changes/issues.ts';
import { badRequest, JiraError, notFound } from '../errors.ts';
import { countParameter, type JsonObject, objectOrEmpty, textOf } from '../json.ts';
import { hasProjectPermission, visibleIssue } from '../model/permissions.ts';
import type { Approval, Issue, Project, User } from '../model/types.ts';
import { jiraDate, presentAccount } from '../present/common.ts';

interface RequestParams {
  Params: { issueIdOrKey: string; approvalId: string };
  Querystring: Record<string, unknown>;
}

/** As much of Jira Service Management as approvals need: desks, requests and their approvals. `api` is the v2 one. */
export function serviceDeskRoutes(app: FastifyInstance, api: Api): void {
  const { site } = api;
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof JiraError)) throw error;
    return reply
      .code(error.status)
      .send({ errorMessage: error.message, i18nErrorMessage: { i18nKey: 'sd.error', parameters: [] } });
  });
  app.addHook('onRequest', async (request) => {
    // On Data Center approvals are an experimental part of the API.
    const isOptedIn = request.headers['x-experimentalapi'] === 'opt-in';
    if (api.edition.kind === 'data-center' && request.url.includes('/approval') && !isOptedIn)
      throw new JiraError(412, ['This API is experimental. Opt in with the header X-ExperimentalApi.']);
  });

  app.get<RequestParams>('/servicedesk', (request) =>
    pageOf(
      api,
      request,
      desks(api, callerOf(request)).map((project) => presentDesk(api, project)),
    ),
  );

  app.get<{ Params: { serviceDeskId: string }; Querystring: Record<string, unknown> }>(
    '/servicedesk/:serviceDeskId/requesttype',
    (request) => {
      const { serviceDesk } = requestedDesk(api, callerOf(request), request.params.serviceDeskId);
      return pageOf(
        api,
        request,
        (serviceDesk?.requestTypes ?? []).map(({ id, issueTypeId, name }) => ({
          id,
          name,
          issueTypeId,
          serviceDeskId: serviceDesk?.id,
          description: '',
          helpText: '',
          groupIds: [],
        })),
      );
    },
  );

  app.post('/request', (request, reply) => {
    const user = callerOf(request);
    const body = objectOrEmpty(request.body);
    const project = requestedDesk(api, user, textOf(body['serviceDeskId']));
    const type = project.serviceDesk?.requestTypes.find(({ id }) => id === body['requestTypeId']);
    if (type === undefined) throw badRequest('The request type you are trying to use does not exist.');
    const issue = createIssue(site, '2', user, {
      fields: {
        ...objectOrEmpty(body['requestFieldValues']),
        project: { key: project.key },
        issuetype: { id: type.issueTypeId },
      },
    });
    return reply.code(201).send(presentRequest(api, issue, type.id));
  });

  app.get<RequestParams>('/request/:issueIdOrKey', (request) => {
    const issue = requestedIssue(api, callerOf(request), request.params.issueIdOrKey);
    return presentRequest(api, issue, site.projectOf(issue).serviceDesk?.requestTypes[0]?.id ?? '');
  });

  app.get<RequestParams>('/request/:issueIdOrKey/approval', (request) => {
    const user = callerOf(request);
    const issue = requestedIssue(api, user, request.params.issueIdOrKey);
    // The newest first, as on the request's own page.
    const approvals = issue.approvals.toReversed();
    return pageOf(
      api,
      request,
      approvals.map((approval) => presentApproval(api, user, issue, approval)),
    );
  });

  app.get<RequestParams>('/request/:issueIdOrKey/approval/:approvalId', (request) => {
    const user = callerOf(request);
    const issue = requestedIssue(api, user, request.params.issueIdOrKey);
    return presentApproval(api, user, issue, requestedApproval(issue, request.params.approvalId));
  });

  app.post<RequestParams>('/request/:issueIdOrKey/approval/:approvalId', (request) => {
    const user = callerOf(request);
    const issue = requestedIssue(api, user, request.params.issueIdOrKey);
    const approval = requestedApproval(issue, request.params.approvalId);
    const { decision } = objectOrEmpty(request.body);
    if (decision !== 'approve' && decision !== 'decline') throw badRequest('The decision is not valid.');
    answerApproval(site, user, issue, approval, decision === 'approve' ? 'approved' : 'declined');
    return presentApproval(api, user, issue, approval);
  });
}

function desks({ site }: Api, user: User): Project[] {
  return [...site.projects.values()].filter(
    (project) => project.serviceDesk !== null && hasProjectPermission(site, user, project, 'BROWSE_PROJECTS'),
  );
}

function requestedDesk(api: Api, user: User, id: string): Project {
  const project = desks(api, user).find(({ serviceDesk }) => serviceDesk?.id === id);
  if (project === undefined) throw notFound('The service desk does not exist.');
  return project;
}

function requestedIssue(api: Api, user: User, idOrKey: string): Issue {
  const issue = visibleIssue(api.site, user, idOrKey);
  if (api.site.projectOf(issue).serviceDesk === null) throw notFound('The issue is not a customer request.');
  return issue;
}

function requestedApproval(issue: Issue, id: string): Approval {
  const approval = issue.approvals.find((candidate) => candidate.id === id);
  if (approval === undefined) throw notFound('The approval does not exist.');
  return approval;
}

function pageOf(api: Api, request: FastifyRequest, all: readonly JsonObject[]): JsonObject {
  const query = objectOrEmpty(request.query);
  const start = countParameter(query['start'], 0, Number.MAX_SAFE_INTEGER);
  const limit = countParameter(query['limit'], 50, 100);
  const values = all.slice(start, start + limit);
  return {
    _expands: [],
    size: values.length,
    start,
    limit,
    isLastPage: start + values.length >= all.length,
    _links: { base: `${api.baseUrl()}/rest/servicedeskapi`, context: '' },
    values,
  };
}

function presentDesk(api: Api, { id, key, name, serviceDesk }: Project): JsonObject {
  return {
    id: serviceDesk?.id,
    projectId: id,
    projectName: name,
    projectKey: key,
    _links: { self: `${api.baseUrl()}/rest/servicedeskapi/servicedesk/${serviceDesk?.id}` },
  };
}

function presentRequest(api: Api, issue: Issue, requestTypeId: string): JsonObject {
  const { key, serviceDesk } = api.site.projectOf(issue);
  const status = api.site.status(issue.statusId);
  return {
    _expands: [],
    issueId: issue.id,
    issueKey: issue.key,
    requestTypeId,
    serviceDeskId: serviceDesk?.id,
    createdDate: moment(issue.created),
    reporter: personOf(api, issue.reporterAccountId),
    requestFieldValues: [{ fieldId: 'summary', label: 'Summary', value: issue.summary }],
    currentStatus: { status: status.name, statusDate: moment(issue.updated) },
    _links: {
      self: `${api.baseUrl()}/rest/servicedeskapi/request/${issue.id}`,
      web: `${api.baseUrl()}/servicedesk/customer/portal/${serviceDesk?.id}/${key}-${issue.id}`,
      jiraRest: `${api.baseUrl()}/rest/api/2/issue/${issue.id}`,
    },
  };
}

function presentApproval(api: Api, user: User, issue: Issue, approval: Approval): JsonObject {
  const { id, name, finalDecision, approvers, created, completed } = approval;
  const own = approvers.find(({ accountId }) => accountId === user.accountId);
  return {
    id,
    name,
    finalDecision,
    canAnswerApproval: finalDecision === 'pending' && own?.decision === 'pending',
    approvers: approvers.map(({ accountId, decision }) => ({
      approver: personOf(api, accountId),
      approverDecision: decision,
    })),
    createdDate: moment(created),
    ...(completed === null ? {} : { completedDate: moment(completed) }),
    _links: { self: `${api.baseUrl()}/rest/servicedeskapi/request/${issue.id}/approval/${id}` },
  };
}

/** People of the service desk come without the kind of their account. */
function personOf(api: Api, accountId: string): JsonObject {
  const { accountType: _, avatarUrls, self, ...person } = presentAccount(api, accountId) ?? {};
  return { ...person, _links: { jiraRest: self, avatarUrls, self } };
}

function moment(milliseconds: number): JsonObject {
  const jira = jiraDate(milliseconds);
  return {
    epochMillis: milliseconds,
    friendly: new Date(milliseconds).toUTCString(),
    iso8601: jira.replace(/\.\d{3}/, ''),
    jira,
  };
}
