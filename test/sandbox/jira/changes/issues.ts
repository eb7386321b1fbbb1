import type { RestVersion } from '../api.ts';
import { badRequest, fieldErrors, forbidden, JiraError } from '../errors.ts';
import { isObject, type JsonObject, objectOrEmpty } from '../json.ts';
import { hasProjectPermission, requirePermission } from '../model/permissions.ts';
import type { Site } from '../model/site.ts';
import type { Issue, IssueType, Project, User } from '../model/types.ts';
import { addComment } from './comments.ts';
import { applyFields } from './apply-fields.ts';
import { readFields } from './field-values.ts';
import { emitUpdated, recordHistory } from './history.ts';
import { checkPropertyValue, checkPropertyKey } from './properties.ts';

/** Fields of the create screen besides project and issue type. */
export function createScreen(site: Site, project: Project, user: User): Set<string> {
  const screen = editScreen(site, project, user);
  screen.delete('comment');
  return screen;
}

/** Fields of the edit screen. Reporter takes its own permission; status and resolution are moved, not edited. */
export function editScreen(site: Site, project: Project, user: User): Set<string> {
  const fields = [
    'summary',
    'description',
    'labels',
    'priority',
    'components',
    'duedate',
    'assignee',
    'comment',
    ...site.customFields.keys(),
  ];
  // Data Center gives a parent to sub-tasks alone; what belongs to an epic says so in the epic's own field.
  if (!site.keepsWiki) fields.push('parent');
  if (hasProjectPermission(site, user, project, 'MODIFY_REPORTER')) fields.push('reporter');
  return new Set(fields);
}

/** Creates an issue with its properties in one step; nothing exists when any part of the request is refused. */
export function createIssue(site: Site, version: RestVersion, user: User, body: JsonObject): Issue {
  const { project: projectRef, issuetype, ...fields } = objectOrEmpty(body['fields']);
  const project = requestedProject(site, user, projectRef);
  const issueType = requestedIssueType(project, issuetype);
  const screen = createScreen(site, project, user);
  const request = readFields(site, version, screen, { project, issue: null }, { ...body, fields });
  requireFields(site, request.values);
  if (!request.values.has('summary'))
    throw fieldErrors({ summary: 'You must specify a summary of the issue.' });
  const properties = requestedProperties(body['properties']);

  const now = Date.now();
  project.lastIssueNumber += 1;
  const issue: Issue = {
    id: String(site.nextId('issue')),
    key: `${project.key}-${project.lastIssueNumber}`,
    projectKey: project.key,
    issueTypeId: issueType.id,
    statusId: site.workflow.initialStatusId,
    resolutionId: null,
    resolved: null,
    summary: '',
    description: null,
    labels: [],
    components: [],
    parentKey: null,
    dueDate: null,
    priorityId: '3',
    assigneeAccountId: null,
    reporterAccountId: user.accountId,
    creatorAccountId: user.accountId,
    custom: {},
    created: now,
    updated: now,
    histories: [],
    comments: [],
    attachments: [],
    remoteLinks: [],
    approvals: [],
    properties,
  };
  applyFields(site, issue, request.values);
  site.addIssue(issue);
  site.emit({ type: 'jira:issue_created', issue, user });
  for (const [key, value] of properties) site.emit({ type: 'issue_property_set', issue, user, key, value });
  return issue;
}

/** Edits an issue: fields of the edit screen, and comments given as `update.comment`. */
export function editIssue(
  site: Site,
  version: RestVersion,
  user: User,
  issue: Issue,
  body: JsonObject,
): void {
  if (!isObject(body['fields']) && !isObject(body['update']) && !Array.isArray(body['properties'])) {
    throw badRequest("one of 'fields' or 'update' required");
  }
  const project = site.projectOf(issue);
  requirePermission(
    site,
    user,
    issue,
    'EDIT_ISSUES',
    forbidden('You do not have permission to edit issues in this project.'),
  );
  if (site.status(issue.statusId).editable === false) {
    throw new JiraError(400, ['Issue is not editable in its current workflow status.']);
  }
  const request = readFields(site, version, editScreen(site, project, user), { project, issue }, body);
  const properties = requestedProperties(body['properties']);

  const history = recordHistory(site, issue, user, applyFields(site, issue, request.values));
  if (history !== null) emitUpdated(site, issue, user, history, 'issue_updated');
  for (const [key, value] of properties) {
    issue.properties.set(key, value);
    site.emit({ type: 'issue_property_set', issue, user, key, value });
  }
  for (const comment of request.comments) addComment(site, user, issue, comment.body, comment.request);
}

export function deleteIssue(site: Site, user: User, issue: Issue): void {
  requirePermission(
    site,
    user,
    issue,
    'DELETE_ISSUES',
    forbidden('You do not have permission to delete issues in this project.'),
  );
  site.issues.delete(issue.id);
  for (const link of site.issueLinks.values()) {
    if (link.inwardIssueId === issue.id || link.outwardIssueId === issue.id) site.issueLinks.delete(link.id);
  }
  site.emit({ type: 'jira:issue_deleted', issue, user });
}

function requireFields(site: Site, values: ReadonlyMap<string, unknown>): void {
  const missing = [...site.customFields.values()].filter(
    ({ id, required }) => required && (values.get(id) ?? null) === null,
  );
  if (missing.length > 0)
    throw fieldErrors(Object.fromEntries(missing.map(({ id, name }) => [id, `${name} is required.`])));
}

function requestedProject(site: Site, user: User, reference: unknown): Project {
  const { id, key } = objectOrEmpty(reference);
  const given = typeof key === 'string' ? key : typeof id === 'string' ? id : null;
  const project = given === null ? undefined : site.findProject(given);
  if (project === undefined || !hasProjectPermission(site, user, project, 'BROWSE_PROJECTS')) {
    throw fieldErrors({ project: 'Specify a valid project ID or key' });
  }
  if (!hasProjectPermission(site, user, project, 'CREATE_ISSUES')) {
    throw fieldErrors({ project: 'You do not have permission to create issues in this project.' });
  }
  return project;
}

function requestedIssueType(project: Project, reference: unknown): IssueType {
  const { id, name } = objectOrEmpty(reference);
  const issueType = project.issueTypes.find((candidate) => candidate.id === id || candidate.name === name);
  if (issueType === undefined) throw fieldErrors({ issuetype: 'Specify a valid issue type' });
  return issueType;
}

function requestedProperties(given: unknown): Map<string, unknown> {
  const properties = new Map<string, unknown>();
  if (given === undefined) return properties;
  if (!Array.isArray(given)) throw badRequest('Properties must be a list of keys and values.');
  if (given.length > 10) throw badRequest('At most 10 properties may be set in one request.');
  for (const entry of given as unknown[]) {
    const { key, value } = objectOrEmpty(entry);
    properties.set(checkPropertyKey(key), checkPropertyValue(value));
  }
  return properties;
}
