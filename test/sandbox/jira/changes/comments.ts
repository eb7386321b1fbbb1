import { badRequest, fieldErrors, JiraError } from '../errors.ts';
import { isObject, type JsonObject, objectOrEmpty } from '../json.ts';
import { hasProjectPermission, requirePermission } from '../model/permissions.ts';
import type { Site } from '../model/site.ts';
import type { RichText, Comment, Issue, User, Visibility } from '../model/types.ts';
import { emitUpdated, recordHistory, touch } from './history.ts';
import { checkPropertyKey, checkPropertyValue } from './properties.ts';
import { isEmpty, toWiki } from '../text/rich-text.ts';

/** Adds a comment; `request` carries the optional `visibility` and `properties`. */
export function addComment(
  site: Site,
  user: User,
  issue: Issue,
  body: RichText,
  request: JsonObject,
): Comment {
  requirePermission(
    site,
    user,
    issue,
    'ADD_COMMENTS',
    badRequest('You do not have the permission to comment on this issue.'),
  );
  if (isEmpty(body)) throw fieldErrors({ comment: 'Comment body can not be empty!' });
  if (issue.comments.length >= site.settings.commentLimit) {
    throw new JiraError(413, [`The issue has reached its limit of ${site.settings.commentLimit} comments.`]);
  }
  const visibility = requestedVisibility(site, user, request['visibility']);
  const now = touch(issue);
  const comment: Comment = {
    id: String(site.nextId('comment')),
    authorAccountId: user.accountId,
    updateAuthorAccountId: user.accountId,
    body,
    created: now,
    updated: now,
    visibility,
    properties: requestedProperties(request['properties']),
  };
  issue.comments.push(comment);
  site.emit({ type: 'comment_created', issue, user, comment });
  emitUpdated(site, issue, user, null, 'issue_commented', comment);
  return comment;
}

/** Changes a comment's text. The text before is in the changelog, as JIRA keeps it. */
export function editComment(
  site: Site,
  user: User,
  issue: Issue,
  comment: Comment,
  body: RichText,
  request: JsonObject,
): void {
  requireOwnOrAll(
    site,
    user,
    issue,
    comment,
    'EDIT',
    badRequest('You do not have the permission to edit this comment.'),
  );
  const before = toWiki(comment.body);
  if ('visibility' in request) comment.visibility = requestedVisibility(site, user, request['visibility']);
  comment.body = body;
  comment.updated = touch(issue);
  comment.updateAuthorAccountId = user.accountId;
  const history = recordHistory(site, issue, user, [
    {
      field: 'Comment',
      fieldtype: 'jira',
      fieldId: 'comment',
      from: comment.id,
      fromString: before,
      to: comment.id,
      toString: toWiki(body),
    },
  ]);
  site.emit({ type: 'comment_updated', issue, user, comment });
  emitUpdated(site, issue, user, history, 'issue_comment_edited', comment);
}

export function deleteComment(site: Site, user: User, issue: Issue, comment: Comment): void {
  requireOwnOrAll(
    site,
    user,
    issue,
    comment,
    'DELETE',
    badRequest('You do not have permission to delete this comment.'),
  );
  issue.comments = issue.comments.filter((candidate) => candidate.id !== comment.id);
  const history = recordHistory(site, issue, user, [
    {
      field: 'Comment',
      fieldtype: 'jira',
      fieldId: 'comment',
      from: comment.id,
      fromString: toWiki(comment.body),
      to: null,
      toString: null,
    },
  ]);
  site.emit({ type: 'comment_deleted', issue, user, comment });
  emitUpdated(site, issue, user, history, 'issue_updated');
}

/** A comment limited to a group is visible to its members alone. */
export function maySeeComment(site: Site, user: User, comment: Comment): boolean {
  return comment.visibility?.type !== 'group' || site.isMember(comment.visibility.value, user.accountId);
}

function requireOwnOrAll(
  site: Site,
  user: User,
  issue: Issue,
  comment: Comment,
  verb: 'EDIT' | 'DELETE',
  refusal: JiraError,
): void {
  const project = site.projectOf(issue);
  if (hasProjectPermission(site, user, project, `${verb}_ALL_COMMENTS`)) return;
  if (
    comment.authorAccountId === user.accountId &&
    hasProjectPermission(site, user, project, `${verb}_OWN_COMMENTS`)
  )
    return;
  throw refusal;
}

function requestedVisibility(site: Site, user: User, given: unknown): Visibility | null {
  if (!isObject(given)) return null;
  const { type, value, identifier } = given;
  if (type !== 'group') throw badRequest('Only visibility by group is available on this site.');
  const group = [...site.groups.values()].find(
    (candidate) => candidate.name === value || candidate.groupId === identifier,
  );
  if (group === undefined || !site.isMember(group.name, user.accountId)) {
    throw forbiddenGroup(String(value ?? identifier));
  }
  return { type: 'group', value: group.name, identifier: group.groupId };
}

function forbiddenGroup(name: string): JiraError {
  return new JiraError(400, [], {
    commentLevel: `Group: ${name} does not exist or you are not a member of it.`,
  });
}

function requestedProperties(given: unknown): Map<string, unknown> {
  const list: unknown[] = Array.isArray(given) ? given : [];
  return new Map(
    list.map((entry) => {
      const { key, value } = objectOrEmpty(entry);
      return [checkPropertyKey(key), checkPropertyValue(value)];
    }),
  );
}
