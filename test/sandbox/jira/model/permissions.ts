import { forbidden, issueNotFound, type JiraError } from '../errors.ts';
import type { Site } from './site.ts';
import {
  type GlobalPermission,
  type Grant,
  type Issue,
  type Project,
  type ProjectPermission,
  type User,
} from './types.ts';

export function hasProjectPermission(
  site: Site,
  user: User,
  project: Project,
  permission: ProjectPermission,
): boolean {
  return project.permissions[permission].some((grant) => grants(site, grant, user));
}

/** `USER_PICKER` ("Browse users and groups") belongs to everybody, `ADMINISTER` to the administrators' group. */
export function hasGlobalPermission(site: Site, user: User, permission: GlobalPermission): boolean {
  switch (permission) {
    case 'USER_PICKER':
      return true;
    case 'ADMINISTER':
      return site.isMember('jira-administrators', user.accountId);
  }
}

/** The issue if `user` may see it; otherwise JIRA's 404. */
export function visibleIssue(site: Site, user: User, idOrKey: string): Issue {
  const issue = site.findIssue(idOrKey);
  if (issue === undefined) throw issueNotFound();
  if (!hasProjectPermission(site, user, site.projectOf(issue), 'BROWSE_PROJECTS')) throw issueNotFound();
  return issue;
}

/** Refuses with `refusal`, or with 403, when `user` lacks the permission in the issue's project. */
export function requirePermission(
  site: Site,
  user: User,
  issue: Issue,
  permission: ProjectPermission,
  refusal?: JiraError,
): void {
  if (hasProjectPermission(site, user, site.projectOf(issue), permission)) return;
  throw refusal ?? forbidden(`You do not have the permission ${permission} for this issue.`);
}

function grants(site: Site, grant: Grant, user: User): boolean {
  switch (grant.type) {
    case 'anyone':
      return user.active;
    case 'group':
      return site.isMember(grant.group, user.accountId);
    case 'user':
      return grant.accountId === user.accountId;
  }
}
