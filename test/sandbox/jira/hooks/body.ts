import type { Api } from '../api.ts';
import type { JsonObject } from '../json.ts';
import type { ChangeItem, Issue } from '../model/types.ts';
import { presentProjectReference, presentStatus, presentUser, restUrl } from '../present/common.ts';
import { presentIssue } from '../present/issue.ts';
import { presentAttachment, presentComment, withoutFieldId } from '../present/parts.ts';
import type { SiteEvent } from './events.ts';

/**
 * The body JIRA sends for an event. Webhooks speak v2 (text, not documents), so `api` is the v2 one. Comment,
 * attachment and property events carry no changelog.
 */
export function hookBody(api: Api, event: SiteEvent, timestamp: number): JsonObject {
  const { type } = event;
  const common = { timestamp, webhookEvent: type };
  switch (event.type) {
    case 'jira:issue_created':
      return {
        ...common,
        issue_event_type_name: 'issue_created',
        user: presentUser(api, event.user),
        issue: presentIssue(api, null, event.issue, ['*all']),
        changelog: { id: '0', items: [] },
      };
    case 'jira:issue_updated':
      return {
        ...common,
        issue_event_type_name: event.eventTypeName,
        user: presentUser(api, event.user),
        issue: presentIssue(api, null, event.issue, ['*all']),
        ...(event.changelog === null ? {} : { changelog: presentChange(api, event.changelog) }),
        ...(event.comment === null ? {} : { comment: presentComment(api, event.issue.id, event.comment) }),
      };
    case 'jira:issue_deleted':
      return {
        ...common,
        issue_event_type_name: 'issue_deleted',
        user: presentUser(api, event.user),
        issue: presentIssue(api, null, event.issue, ['*all']),
      };
    case 'comment_created':
    case 'comment_updated':
    case 'comment_deleted':
      return {
        ...common,
        comment: presentComment(api, event.issue.id, event.comment),
        issue: shortIssue(api, event.issue),
        eventType: 'primaryAction',
      };
    case 'attachment_created':
    case 'attachment_deleted':
      return { ...common, attachment: presentAttachment(api, event.attachment) };
    case 'issue_property_set':
    case 'issue_property_deleted':
      return {
        ...common,
        user: presentUser(api, event.user),
        issue: shortIssue(api, event.issue),
        property: {
          key: event.key,
          self: restUrl(api, `/issue/${event.issue.id}/properties/${encodeURIComponent(event.key)}`),
          value: event.value,
        },
      };
  }
}

function presentChange(api: Api, { id, items }: { id: string; items: ChangeItem[] }): JsonObject {
  return { id, items: api.edition.kind === 'cloud' ? items : items.map(withoutFieldId) };
}

function shortIssue(api: Api, issue: Issue): JsonObject {
  const project = api.site.projectOf(issue);
  const issueType = project.issueTypes.find(({ id }) => id === issue.issueTypeId);
  return {
    id: issue.id,
    self: restUrl(api, `/issue/${issue.id}`),
    key: issue.key,
    fields: {
      summary: issue.summary,
      issuetype: { id: issue.issueTypeId, name: issueType?.name ?? '', subtask: false },
      project: presentProjectReference(api, project),
      status: presentStatus(api, api.site.status(issue.statusId)),
    },
  };
}
