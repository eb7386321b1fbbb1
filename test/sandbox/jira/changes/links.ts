import { badRequest, fieldErrors, forbidden, JiraError, notFound } from '../errors.ts';
import { isObject, type JsonObject, objectOrEmpty, stringOrNull } from '../json.ts';
import { requirePermission, visibleIssue } from '../model/permissions.ts';
import { issueLinkTypes, type Site } from '../model/site.ts';
import type { ChangeItem, Issue, RemoteLink, User } from '../model/types.ts';
import { emitUpdated, recordHistory } from './history.ts';

/** Creates a remote link, or replaces the one with the same `globalId`; `created` says which. */
export function upsertRemoteLink(
  site: Site,
  user: User,
  issue: Issue,
  body: JsonObject,
): { link: RemoteLink; created: boolean } {
  requirePermission(
    site,
    user,
    issue,
    'LINK_ISSUES',
    forbidden('You do not have permission to link issues.'),
  );
  const requested = parseRemoteLink(body);
  const existing = issue.remoteLinks.find(
    (link) => requested.globalId !== null && link.globalId === requested.globalId,
  );
  if (existing !== undefined) {
    replaceRemoteLink(site, user, issue, existing, body);
    return { link: existing, created: false };
  }
  const link: RemoteLink = { id: site.nextId('remotelink'), ...requested };
  issue.remoteLinks.push(link);
  recordRemoteLink(site, user, issue, null, link);
  return { link, created: true };
}

/** Replaces a remote link as a whole: what the request leaves out is emptied. */
export function replaceRemoteLink(
  site: Site,
  user: User,
  issue: Issue,
  link: RemoteLink,
  body: JsonObject,
): void {
  requirePermission(
    site,
    user,
    issue,
    'LINK_ISSUES',
    forbidden('You do not have permission to link issues.'),
  );
  const before = structuredClone(link);
  Object.assign(link, parseRemoteLink(body));
  recordRemoteLink(site, user, issue, before, link);
}

export function deleteRemoteLink(site: Site, user: User, issue: Issue, link: RemoteLink): void {
  requirePermission(
    site,
    user,
    issue,
    'LINK_ISSUES',
    forbidden('You do not have permission to link issues.'),
  );
  issue.remoteLinks = issue.remoteLinks.filter((candidate) => candidate.id !== link.id);
  recordRemoteLink(site, user, issue, link, null);
}

/** Links two issues; both get a history entry, as JIRA writes it. */
export function linkIssues(site: Site, user: User, body: JsonObject): void {
  const { id, name } = objectOrEmpty(body['type']);
  const type = issueLinkTypes.find((candidate) => candidate.id === id || candidate.name === name);
  if (type === undefined) throw notFound(`No issue link type with name '${String(name ?? id)}' found.`);
  const inward = linkedIssue(site, user, body['inwardIssue']);
  const outward = linkedIssue(site, user, body['outwardIssue']);
  requirePermission(
    site,
    user,
    inward,
    'LINK_ISSUES',
    notFound('You do not have permission to link issues.'),
  );
  if (inward.id === outward.id) throw badRequest('You cannot link an issue to itself.');
  const link = {
    id: String(site.nextId('issuelink')),
    typeId: type.id,
    inwardIssueId: inward.id,
    outwardIssueId: outward.id,
  };
  site.issueLinks.set(link.id, link);
  recordLink(site, user, inward, outward.key, `This issue ${type.outward} ${outward.key}`);
  recordLink(site, user, outward, inward.key, `This issue ${type.inward} ${inward.key}`);
}

function recordLink(site: Site, user: User, issue: Issue, otherKey: string, text: string): void {
  const item: ChangeItem = {
    field: 'Link',
    fieldtype: 'jira',
    fieldId: 'issuelinks',
    from: null,
    fromString: null,
    to: otherKey,
    toString: text,
  };
  emitUpdated(site, issue, user, recordHistory(site, issue, user, [item]), 'issue_updated');
}

/** JIRA gives these entries no `fieldId`. */
function recordRemoteLink(
  site: Site,
  user: User,
  issue: Issue,
  before: RemoteLink | null,
  after: RemoteLink | null,
): void {
  const item: ChangeItem = {
    field: 'RemoteIssueLink',
    fieldtype: 'jira',
    from: before === null ? null : String(before.id),
    fromString: before === null ? null : describe(before),
    to: after === null ? null : String(after.id),
    toString: after === null ? null : describe(after),
  };
  if (item.from === item.to && item.fromString === item.toString) return;
  emitUpdated(site, issue, user, recordHistory(site, issue, user, [item]), 'issue_updated');
}

function describe(link: RemoteLink): string {
  const application = stringOrNull(link.application['name']);
  return `This issue links to "${link.object.title}${application === null ? '' : ` (${application})`}"`;
}

function parseRemoteLink(body: JsonObject): Omit<RemoteLink, 'id'> {
  const object = body['object'];
  const errors: Record<string, string> = {};
  if (!isObject(object)) throw fieldErrors({ object: "'object' is required." });
  const { url, title, ...rest } = object;
  if (typeof url !== 'string' || !/^[a-z][a-z0-9+.-]*:/i.test(url)) errors['url'] = "'url' is required.";
  if (typeof title !== 'string' || title === '') errors['title'] = "'title' is required.";
  const globalId = stringOrNull(body['globalId']);
  if (globalId !== null && globalId.length > 255)
    errors['globalId'] = 'globalId exceeds the maximum length of 255.';
  const relationship = stringOrNull(body['relationship']);
  if (relationship !== null && relationship.length > 255) {
    errors['relationship'] = 'relationship exceeds the maximum length of 255.';
  }
  if (Object.keys(errors).length > 0) throw new JiraError(400, [], errors);
  return {
    globalId,
    relationship,
    application: objectOrEmpty(body['application']),
    object: { url: String(url), title: String(title), ...rest },
  };
}

function linkedIssue(site: Site, user: User, reference: unknown): Issue {
  const { id, key } = objectOrEmpty(reference);
  const given = key ?? id;
  if (typeof given !== 'string') throw badRequest('Both issues of a link must be given by id or key.');
  return visibleIssue(site, user, given);
}
