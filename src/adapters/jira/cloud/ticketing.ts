import {
  addAttachment,
  createOrUpdateRemoteIssueLink,
  editIssue,
  getIssue,
  searchAndReconsileIssuesUsingJqlPost,
} from 'jira.js/cloud';
import type { TicketAttachment, Ticketing } from '#app/ports/ticketing.ts';
import { toAdf } from './adf.ts';
import { createJira, parse, ticketKey } from './client.ts';
import type { Jira, JiraCloudOptions } from './client.ts';
import { addComment, ownComments, putComment } from './comment.ts';
import { groupMembers } from './group-members.ts';
import { moveTicket } from './move-ticket.ts';
import { LABEL, browseUrl, openTicket } from './open-ticket.ts';
import { readTicket } from './read-ticket.ts';
import { BINDING, attachments, searchPage } from './schema.ts';

/** Approvals in Jira Cloud: see the port for what each method promises. */
export function createJiraCloud(options: JiraCloudOptions): Ticketing {
  const jira = createJira(options);
  return {
    self: () => jira.self(),

    async open(request) {
      const key = await openTicket(jira, request);
      if (request.previous !== undefined) {
        await upsertLink(jira, key, 'follows', {
          globalId: `countersign&ticket=${ticketKey(request.previous)}`,
          url: browseUrl(jira, request.previous),
          title: `${request.previous}, the earlier ticket of this change`,
          resolved: true,
        });
      }
      return { key, url: browseUrl(jira, key) };
    },

    read: (key) => readTicket(jira, key),

    async update(key, { content, binding, attachments: files }) {
      for (const file of await missing(jira, key, files)) {
        const blob = new Blob([new Uint8Array(file.content)], { type: file.mediaType });
        await addAttachment(jira.client, {
          issueIdOrKey: ticketKey(key),
          attachments: { filename: file.name, content: blob },
        });
      }
      await editIssue(jira.client, {
        issueIdOrKey: ticketKey(key),
        fields: { summary: content.summary, description: toAdf(content.body) },
        properties: [{ key: BINDING, value: binding }],
      });
    },

    move: (key, from, to) => moveTicket(jira, key, from, to),
    comment: (key, marker, body) => addComment(jira, key, marker, body),
    putComment: (key, marker, body) => putComment(jira, key, marker, body),
    async ownComments(key) {
      const comments: string[] = [];
      for await (const { texts } of ownComments(jira, key)) comments.push(texts.join('\n'));
      return comments;
    },
    link: (key, link) => upsertLink(jira, key, 'approves', link),
    updatedSince: (since) => updatedSince(jira, since),
    groupMembers: (group) => groupMembers(jira, group),
  };
}

/** The files whose name our account has not attached with this size; a name carries the digest of what is in it. */
async function missing(
  jira: Jira,
  key: string,
  files: readonly TicketAttachment[],
): Promise<TicketAttachment[]> {
  const strange = files.find((file) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(file.name));
  if (strange !== undefined) throw new Error(`not an attachment name: ${JSON.stringify(strange.name)}`);
  if (files.length === 0) return [];
  const answer = await getIssue(jira.client, { issueIdOrKey: ticketKey(key), fields: ['attachment'] });
  const me = await jira.self();
  const there = parse(attachments, answer, 'attachments').fields.attachment;
  return files.filter(
    (file) =>
      !there.some(
        (each) =>
          each.filename === file.name && each.size === file.content.length && each.author?.accountId === me,
      ),
  );
}

/** A link with the same `globalId` is replaced, so it may be put again. */
async function upsertLink(
  jira: Jira,
  key: string,
  relationship: string,
  link: { globalId: string; url: string; title: string; resolved: boolean },
): Promise<void> {
  await createOrUpdateRemoteIssueLink(jira.client, {
    issueIdOrKey: ticketKey(key),
    globalId: link.globalId.slice(0, 255),
    relationship,
    object: { url: link.url, title: link.title.slice(0, 255), status: { resolved: link.resolved } },
  });
}

const OPEN = ['requested', 'in-review', 'approved', 'rejected', 'applying'] as const;

async function updatedSince(jira: Jira, since: string): Promise<string[]> {
  const { projectKey, statusIds, now = () => new Date() } = jira.options;
  // JQL reads absolute times in the account's own time zone and to the minute; a period has no zone.
  const minutes = Math.max(1, Math.ceil((now().getTime() - Date.parse(since)) / 60_000) + 1);
  const open = OPEN.map((status) => `"${statusIds[status]}"`).join(', ');
  const jql = `project = "${projectKey}" AND labels = "${LABEL}" AND status in (${open}) AND updated >= "-${minutes}m" ORDER BY updated ASC`;
  const keys: string[] = [];
  let nextPageToken: string | undefined;
  do {
    const answer = await searchAndReconsileIssuesUsingJqlPost(jira.client, {
      jql,
      fields: ['updated'],
      maxResults: 100,
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    const page = parse(searchPage, answer, 'search');
    keys.push(...page.issues.map((each) => ticketKey(each.key)));
    nextPageToken = page.isLast === true ? undefined : (page.nextPageToken ?? undefined);
  } while (nextPageToken !== undefined);
  return keys;
}
