import type { Api } from '../api.ts';
import { maySeeComment } from '../changes/comments.ts';
import type { JsonObject } from '../json.ts';
import { issueLinkTypes } from '../model/site.ts';
import type { Issue, User } from '../model/types.ts';
import { isAdfDocument } from '../text/adf.ts';
import { adfToHtml } from '../text/html.ts';
import {
  jiraDate,
  presentAccount,
  presentIssueType,
  presentPriority,
  presentProjectReference,
  presentResolution,
  presentRichText,
  presentStatus,
  restUrl,
} from './common.ts';
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

/** `expand=changelog`: the newest hundred, newest first, as Cloud does since it has a paged changelog. */
export function presentRecentChangelog(api: Api, issue: Issue): JsonObject {
  const histories = issue.histories.slice(-100).toReversed();
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
    description: issue.description === null ? '' : adfToHtml(issue.description),
    labels: null,
    comment: {
      comments: issue.comments
        .filter((comment) => comment.visibility === null)
        .map((comment) => ({ id: comment.id, body: adfToHtml(comment.body) })),
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
      [...site.customFields.keys()].map((id) => [id, customValue(api, issue.custom[id])]),
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

function customValue(api: Api, value: unknown): unknown {
  return isAdfDocument(value) ? presentRichText(api, value) : (value ?? null);
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
