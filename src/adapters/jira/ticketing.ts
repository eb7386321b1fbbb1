import type { TicketAttachment, Ticketing } from '#app/ports/ticketing.ts';
import { ticketKey } from './answer.ts';
import { addComment, ownComments, putComment } from './comment.ts';
import { examine } from './examine.ts';
import { longestFitting } from './fitted.ts';
import { moveTicket } from './move-ticket.ts';
import { LABEL, browseUrl, openTicket } from './open-ticket.ts';
import { readTicket } from './read-ticket.ts';
import { BINDING } from './schema.ts';
import { sendOnce } from './send-once.ts';
import type { JiraSite, LinkRequest } from './site.ts';
import { createTicketFields } from './fields/ticket-fields.ts';

/** Approvals in JIRA, of either flavour: see the port for what each method promises. */
export function createTicketing(site: JiraSite): Ticketing {
  const fields = createTicketFields(site);
  return {
    self: () => site.self(),

    async open(request) {
      const key = await openTicket(site, fields, request);
      if (request.previous !== undefined) {
        await putLink(site, key, 'follows', {
          globalId: `countersign&ticket=${ticketKey(request.previous)}`,
          url: browseUrl(site, request.previous),
          title: `${request.previous}, the earlier ticket of this change`,
          resolved: true,
        });
      }
      return { key, url: browseUrl(site, key) };
    },

    read: (key) => readTicket(site, key),

    async update(key, { content, binding, attachments: files }) {
      for (const file of await missing(site, key, files)) {
        const isThere = async () => (await missing(site, key, [file])).length === 0;
        await sendOnce(site, () => site.attach(ticketKey(key), file), isThere);
      }
      const own = await fields.forEdit(content.values);
      await site.editIssue(ticketKey(key), {
        ...own,
        fields: {
          ...own.fields,
          summary: content.summary,
          description: site.richText(longestFitting(content, site.lengthOf)),
        },
        properties: [{ key: BINDING, value: binding }],
      });
    },

    move: (key, from, to) => moveTicket(site, ticketKey(key), from, to),
    comment: (key, marker, body) => addComment(site, ticketKey(key), marker, body),
    putComment: (key, marker, body) => putComment(site, ticketKey(key), marker, body),
    async ownComments(key) {
      const comments: string[] = [];
      for await (const { lines } of ownComments(site, ticketKey(key))) comments.push(lines.join('\n'));
      return comments;
    },
    link: (key, link) => putLink(site, key, 'approves', link),
    updatedSince: (since) => updatedSince(site, since),
    async groupMembers(group) {
      const members: string[] = [];
      for await (const user of site.groupMembers(group)) {
        const { account, active, kind } = site.person(user);
        if (active && kind === 'person') members.push(account);
      }
      return members;
    },
    examine: () => examine(site, fields),
  };
}

/** The files whose name our account has not attached with this size; a name carries the digest of what is in it. */
async function missing(
  site: JiraSite,
  key: string,
  files: readonly TicketAttachment[],
): Promise<TicketAttachment[]> {
  const strange = files.find((file) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(file.name));
  if (strange !== undefined) throw new Error(`not an attachment name: ${JSON.stringify(strange.name)}`);
  if (files.length === 0) return [];
  const [there, me] = [await site.attachments(ticketKey(key)), await site.self()];
  const ours = there.filter(({ author }) => author.account === me);
  return files.filter(
    (file) => !ours.some(({ name, size }) => name === file.name && size === file.content.length),
  );
}

function putLink(
  site: JiraSite,
  key: string,
  relationship: string,
  link: Omit<LinkRequest, 'relationship'>,
): Promise<void> {
  const { globalId, title } = link;
  return site.putLink(ticketKey(key), {
    ...link,
    relationship,
    globalId: globalId.slice(0, 255),
    title: title.slice(0, 255),
  });
}

const OPEN = ['requested', 'in-review', 'approved', 'rejected', 'applying'] as const;
const MOST_FOUND = 10_000;

async function updatedSince(site: JiraSite, since: string): Promise<string[]> {
  const { projectKey, statusIds, now = () => new Date() } = site.options;
  // JQL reads absolute times in the account's own time zone and to the minute; a period has no zone.
  const minutes = Math.max(1, Math.ceil((now().getTime() - Date.parse(since)) / 60_000) + 1);
  const open = OPEN.map((status) => `"${statusIds[status]}"`).join(', ');
  const jql = `project = "${projectKey}" AND labels = "${LABEL}" AND status in (${open}) AND updated >= "-${minutes}m" ORDER BY updated ASC`;
  const found = await site.search({ jql, most: MOST_FOUND });
  return found.map(({ key }) => ticketKey(key));
}
