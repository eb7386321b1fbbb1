import type { Api } from '../api.ts';
import { maySeeComment } from '../changes/comments.ts';
import { type JsonObject, textOf } from '../json.ts';
import { issueLinkTypes } from '../model/site.ts';
import type { CustomField, Issue, User } from '../model/types.ts';
import { isRichText, toHtml } from '../text/rich-text.ts';
import {
  jiraDate,
  presentAccount,
  presentComponent,
  presentIssueType,
  presentPriority,
  presentProjectReference,
  presentResolution,
  presentRichText,
  presentStatus,
  restUrl,
} from './common.ts';
import { presentOption } from './fields.ts';
import { presentAttachment, presentComment, presentHistory } from './parts.ts';

/** The issue with the fields asked for: ids, `*all`, `*navigable`, and `-id` to leave one out. */
export function presentIssue(
  api: Api,
  caller: User | null,
  issue: Issue,
  fields: readonly string[],
  extras: JsonObject = {},
): JsonObject {
  return {
    expand: 'renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations',
    id: issue.id,
    self: restUrl(api, `/issue/${issue.id}`),
    key: issue.key,
    ...extras,
    ...(fields.length === 0 ? {} : { fields: select(allFields(api, caller, issue), fields) }),
  };
}

/**
 * `expand=changelog`: on Cloud, which has a paged changelog, the newest hundred, newest first; on Data Center, which has
 * no other, all of it, oldest first.
 */
export function presentChangelog(api: Api, issue: Issue): JsonObject {
  const histories = api.edition.kind === 'cloud' ? issue.histories.slice(-100).toReversed() : issue.histories;
  return {
    startAt: 0,
    maxResults: histories.length,
    total: issue.histories.length,
    histories: histories.map((history) => presentHistory(api, history)),
  };
}

/** `expand=renderedFields`: rich text as HTML, everything else null. */
export function presentRenderedFields(issue: Issue): JsonObject {
  return {
    summary: null,
    description: issue.description === null ? '' : toHtml(issue.description),
    labels: null,
    comment: {
      comments: issue.comments
        .filter((comment) => comment.visibility === null)
        .map((comment) => ({ id: comment.id, body: toHtml(comment.body) })),
    },
  };
}

function allFields(api: Api, caller: User | null, issue: Issue): JsonObject {
  const { site } = api;
  const project = site.projectOf(issue);
  const issueType = project.issueTypes.find((candidate) => candidate.id === issue.issueTypeId);
  const status = site.status(issue.statusId);
  const comments = issue.comments
    .filter((comment) => caller === null || maySeeComment(site, caller, comment))
    .map((comment) => presentComment(api, issue.id, comment));
  return {
    summary: issue.summary,
    description: presentRichText(api, issue.description),
    issuetype: issueType === undefined ? null : presentIssueType(api, issueType),
    project: presentProjectReference(api, project),
    status: presentStatus(api, status),
    statusCategory: presentStatus(api, status)['statusCategory'],
    resolution: presentResolution(api, issue.resolutionId),
    resolutiondate: issue.resolved === null ? null : jiraDate(issue.resolved),
    priority: presentPriority(api, issue.priorityId),
    labels: issue.labels,
    components: issue.components.map((name) => presentComponent(api, name)),
    duedate: issue.dueDate,
    ...(issue.parentKey === null ? {} : { parent: presentParent(api, issue.parentKey) }),
    assignee: presentAccount(api, issue.assigneeAccountId),
    reporter: presentAccount(api, issue.reporterAccountId),
    creator: presentAccount(api, issue.creatorAccountId),
    created: jiraDate(issue.created),
    updated: jiraDate(issue.updated),
    attachment: issue.attachments.map((attachment) => presentAttachment(api, attachment)),
    issuelinks: presentIssueLinks(api, issue),
    comment: {
      comments,
      self: restUrl(api, `/issue/${issue.id}/comment`),
      maxResults: comments.length,
      total: comments.length,
      startAt: 0,
    },
    ...Object.fromEntries(
      [...site.customFields.values()].map((field) => [
        field.id,
        customValue(api, field, issue.custom[field.id] ?? null),
      ]),
    ),
  };
}

function presentIssueLinks(api: Api, issue: Issue): JsonObject[] {
  return [...api.site.issueLinks.values()].flatMap((link) => {
    const type = issueLinkTypes.find((candidate) => candidate.id === link.typeId);
    const outward = link.inwardIssueId === issue.id;
    if (!outward && link.outwardIssueId !== issue.id) return [];
    const other = api.site.issues.get(outward ? link.outwardIssueId : link.inwardIssueId);
    if (other === undefined || type === undefined) return [];
    return [
      {
        id: link.id,
        self: restUrl(api, `/issueLink/${link.id}`),
        type: { ...type, self: restUrl(api, `/issueLinkType/${type.id}`) },
        [outward ? 'outwardIssue' : 'inwardIssue']: {
          id: other.id,
          key: other.key,
          self: restUrl(api, `/issue/${other.id}`),
          fields: { summary: other.summary, status: presentStatus(api, api.site.status(other.statusId)) },
        },
      },
    ];
  });
}

function presentParent(api: Api, key: string): JsonObject {
  const parent = api.site.findIssue(key);
  if (parent === undefined) return { key };
  const fields = { summary: parent.summary, status: presentStatus(api, api.site.status(parent.statusId)) };
  return { id: parent.id, key, self: restUrl(api, `/issue/${parent.id}`), fields };
}

function customValue(api: Api, field: CustomField, value: unknown): unknown {
  if (value === null) return null;
  if (Array.isArray(value) && field.type !== 'labels')
    return (value as unknown[]).map((each) => customValue(api, field, each));
  switch (field.type) {
    case 'option':
    case 'multi-option':
      return presentOption(api, field, field.options.indexOf(textOf(value)));
    case 'user':
    case 'multi-user':
      return presentAccount(api, textOf(value));
    case 'group':
      return { name: value, self: restUrl(api, `/group?groupname=${encodeURIComponent(textOf(value))}`) };
    case 'cascading':
    case 'date':
    case 'datetime':
    case 'epic-link':
    case 'labels':
    case 'number':
    case 'string':
    case 'url':
      return value;
    case 'textarea':
      return isRichText(value) ? presentRichText(api, value) : value;
  }
}

const notNavigable = new Set(['comment', 'attachment']);

function select(all: JsonObject, wanted: readonly string[]): JsonObject {
  const excluded = new Set(wanted.filter((name) => name.startsWith('-')).map((name) => name.slice(1)));
  const everything = wanted.includes('*all') || wanted.every((name) => name.startsWith('-'));
  const navigable = wanted.includes('*navigable');
  return Object.fromEntries(
    Object.entries(all).filter(
      ([name]) =>
        !excluded.has(name) &&
        (everything || wanted.includes(name) || (navigable && !notNavigable.has(name))),
    ),
  );
}
