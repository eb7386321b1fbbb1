import type { FastifyInstance } from 'fastify';
import { type Api, callerOf, isAdministrator } from '../api.ts';
import { badRequest, forbidden, notFound } from '../errors.ts';
import { countParameter, listParameter } from '../json.ts';
import { hasGlobalPermission, hasProjectPermission, visibleIssue } from '../model/permissions.ts';
import type { Site } from '../model/site.ts';
import {
  type GlobalPermission,
  globalPermissions,
  type Group,
  type Project,
  type ProjectPermission,
  projectPermissions,
  type User,
} from '../model/types.ts';
import { userByQuery } from '../editions.ts';
import { presentUser, restUrl } from '../present/common.ts';

interface Query {
  Querystring: Record<string, string | undefined>;
}

/** Who the caller is and may do, who others are, and who is in which group. */
export function peopleRoutes(app: FastifyInstance, api: Api): void {
  const { site } = api;

  app.get<Query>('/myself', (request) => {
    const user = callerOf(request);
    const groups = groupsOf(site, user).map((group) => presentGroup(api, group));
    return {
      ...presentUser(api, user),
      locale: 'en_US',
      groups: {
        size: groups.length,
        items: (listParameter(request.query['expand']) ?? []).includes('groups') ? groups : [],
      },
      applicationRoles: { size: 1, items: [] },
      expand: 'groups,applicationRoles',
    };
  });

  app.get<Query>('/user', (request) => presentUser(api, requestedUser(api, request.query)));

  if (api.edition.kind === 'cloud') {
    app.get<Query>('/user/groups', (request) =>
      groupsOf(site, requestedUser(api, request.query)).map((group) => presentGroup(api, group)),
    );
  }

  app.get<Query>('/group/member', (request) => {
    const caller = callerOf(request);
    // Cloud shows groups to whoever may browse users, Data Center to administrators.
    const mayBrowse = api.edition.kind === 'cloud' && hasGlobalPermission(site, caller, 'USER_PICKER');
    if (!isAdministrator(site, caller) && !mayBrowse) {
      throw forbidden('You do not have permission to administer this site.');
    }
    const group = requestedGroup(site, request.query);
    const includeInactive = request.query['includeInactiveUsers'] === 'true';
    const members = [...group.members]
      .flatMap((accountId) => site.users.get(accountId) ?? [])
      .filter((user) => includeInactive || user.active);
    const startAt = countParameter(request.query['startAt'], 0, Number.MAX_SAFE_INTEGER);
    const maxResults = countParameter(request.query['maxResults'], 50, 50);
    const values = members.slice(startAt, startAt + maxResults);
    const page = (from: number) =>
      restUrl(
        api,
        `/group/member?groupId=${group.groupId}&includeInactiveUsers=${includeInactive}&maxResults=${maxResults}&startAt=${from}`,
      );
    const isLast = startAt + values.length >= members.length;
    return {
      self: page(startAt),
      ...(isLast ? {} : { nextPage: page(startAt + maxResults) }),
      maxResults,
      startAt,
      total: members.length,
      isLast,
      values: values.map((user) => presentUser(api, user)),
    };
  });

  app.get<Query>('/mypermissions', (request) => {
    const user = callerOf(request);
    const asked = listParameter(request.query['permissions']) ?? [];
    // Data Center always answers with all of them.
    const all = [...projectPermissions, ...globalPermissions];
    const wanted = api.edition.kind === 'cloud' ? asked : all;
    if (wanted.length === 0) {
      throw badRequest("The 'permissions' query parameter is required.");
    }
    const project = permissionProject(api, user, request.query);
    return {
      permissions: Object.fromEntries(wanted.map((key) => [key, heldPermission(api, user, project, key)])),
    };
  });
}

function groupsOf(site: Site, user: User): Group[] {
  return [...site.groups.values()].filter((group) => group.members.has(user.accountId));
}

function presentGroup(api: Api, group: Group) {
  if (api.edition.kind === 'data-center')
    return { name: group.name, self: restUrl(api, `/group?groupname=${encodeURIComponent(group.name)}`) };
  return { name: group.name, groupId: group.groupId, self: restUrl(api, `/group?groupId=${group.groupId}`) };
}

function requestedUser(api: Api, query: Record<string, string | undefined>): User {
  const { accountId, key, username } = query;
  if ((api.edition.kind === 'cloud' ? accountId : (key ?? username)) === undefined) {
    throw badRequest(
      api.edition.kind === 'cloud'
        ? 'The accountId query parameter needs to be provided.'
        : "Either the 'username' or the 'key' query parameters need to be provided",
    );
  }
  const user = userByQuery(api.site, api.edition, query);
  if (user === undefined || user.deleted === true)
    throw notFound('Specified user does not exist or you do not have required permissions');
  return user;
}

function requestedGroup(site: Site, query: Record<string, string | undefined>): Group {
  const { groupId, groupname } = query;
  if (groupId === undefined && groupname === undefined)
    throw badRequest('The group name or id must be specified.');
  for (const group of site.groups.values()) {
    if (group.groupId === groupId || group.name === groupname) return group;
  }
  throw notFound(`The group '${String(groupId ?? groupname)}' does not exist.`);
}

function permissionProject(api: Api, user: User, query: Record<string, string | undefined>): Project | null {
  const issue = query['issueKey'] ?? query['issueId'];
  if (issue !== undefined) return api.site.projectOf(visibleIssue(api.site, user, issue));
  const idOrKey = query['projectKey'] ?? query['projectId'];
  if (idOrKey === undefined) return null;
  const project = api.site.findProject(idOrKey);
  if (project === undefined || !hasProjectPermission(api.site, user, project, 'BROWSE_PROJECTS')) {
    throw notFound(`No project could be found with key '${idOrKey}'.`);
  }
  return project;
}

/** Without a project in the question, JIRA says whether the permission is held in any project. */
function heldPermission(api: Api, user: User, project: Project | null, key: string) {
  const { site } = api;
  const name = key
    .split('_')
    .map((word) => `${word.charAt(0)}${word.slice(1).toLowerCase()}`)
    .join(' ');
  const common = {
    id: key,
    key,
    name,
    description: '',
    ...(api.edition.kind === 'cloud' ? { deprecatedKey: false } : {}),
  };
  if (isGlobalPermission(key)) {
    return { ...common, type: 'GLOBAL', havePermission: hasGlobalPermission(site, user, key) };
  }
  if (!isProjectPermission(key)) throw badRequest(`Unrecognized permission: '${key}'`);
  const projects = project === null ? [...site.projects.values()] : [project];
  const havePermission = projects.some((candidate) => hasProjectPermission(site, user, candidate, key));
  return { ...common, type: 'PROJECT', havePermission };
}

function isGlobalPermission(key: string): key is GlobalPermission {
  return globalPermissions.some((known) => known === key);
}

function isProjectPermission(key: string): key is ProjectPermission {
  return projectPermissions.some((known) => known === key);
}
