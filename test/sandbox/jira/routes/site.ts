import type { FastifyInstance } from 'fastify';
import { type Api, callerOf } from '../api.ts';
import { notFound } from '../errors.ts';
import { hasProjectPermission } from '../model/permissions.ts';
import type { Project, User } from '../model/types.ts';
import type { StatusCategoryKey } from '../model/workflow.ts';
import {
  jiraDate,
  presentAccount,
  presentCategory,
  presentComponent,
  presentIssueType,
  presentProjectReference,
  presentStatus,
  restUrl,
} from '../present/common.ts';

interface ProjectParams {
  Params: { projectIdOrKey: string };
}

/** The site itself, its projects and its statuses. */
export function siteRoutes(app: FastifyInstance, api: Api): void {
  const { site } = api;

  app.get('/serverInfo', () => ({
    baseUrl: api.baseUrl(),
    displayUrl: api.baseUrl(),
    ...versionOf(api),
    buildNumber: 100_281,
    buildDate: jiraDate(Date.UTC(2026, 0, 1)),
    serverTime: jiraDate(Date.now()),
    scmInfo: '0000000000000000000000000000000000000000',
    serverTitle: 'JIRA double',
  }));

  app.get<ProjectParams>('/project/:projectIdOrKey', (request) => {
    const project = visibleProject(api, callerOf(request), request.params.projectIdOrKey);
    const lead = presentAccount(api, project.leadAccountId);
    return {
      expand: 'description,lead,issueTypes,url,projectKeys,permissions,insight',
      ...presentProjectReference(api, project),
      description: '',
      ...(lead === null ? {} : { lead }),
      components: project.components.map((name) => presentComponent(api, name)),
      issueTypes: project.issueTypes.map((issueType) => presentIssueType(api, issueType)),
      assigneeType: 'UNASSIGNED',
      versions: [],
      roles: {},
      style: 'classic',
      isPrivate: false,
      properties: {},
    };
  });

  app.get<ProjectParams>('/project/:projectIdOrKey/statuses', (request) => {
    const project = visibleProject(api, callerOf(request), request.params.projectIdOrKey);
    return project.issueTypes.map((issueType) => ({
      self: restUrl(api, `/issuetype/${issueType.id}`),
      id: issueType.id,
      name: issueType.name,
      subtask: false,
      statuses: site.workflow.statuses.map((status) => presentStatus(api, status)),
    }));
  });

  app.get('/status', () => site.workflow.statuses.map((status) => presentStatus(api, status)));

  app.get<{ Params: { idOrName: string } }>('/status/:idOrName', (request) => {
    const { idOrName } = request.params;
    const status = site.workflow.statuses.find(({ id, name }) => id === idOrName || name === idOrName);
    if (status === undefined) throw notFound(`The status '${idOrName}' does not exist.`);
    return presentStatus(api, status);
  });

  const categories: StatusCategoryKey[] = ['new', 'indeterminate', 'done'];
  app.get('/statuscategory', () => categories.map((key) => presentCategory(api, key)));
}

function versionOf({ edition }: Api) {
  return edition.kind === 'cloud'
    ? { version: '1001.0.0-SNAPSHOT', versionNumbers: [1001, 0, 0], deploymentType: 'Cloud' }
    : { version: '10.3.24', versionNumbers: [10, 3, 24], deploymentType: 'Server' };
}

function visibleProject(api: Api, user: User, idOrKey: string): Project {
  const project = api.site.findProject(idOrKey);
  if (project === undefined || !hasProjectPermission(api.site, user, project, 'BROWSE_PROJECTS')) {
    throw notFound(`No project could be found with key '${idOrKey}'.`);
  }
  return project;
}
