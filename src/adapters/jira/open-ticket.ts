import { setTimeout as pause } from 'node:timers/promises';
import type { Ticketing } from '#app/ports/ticketing.ts';
import { ticketKey } from './answer.ts';
import { addComment } from './comment.ts';
import { longestFitting } from './fitted.ts';
import type { TicketFields } from './fields/ticket-fields.ts';
import { moveTicket } from './move-ticket.ts';
import { finishRequests, openRequest } from './open-request.ts';
import { BINDING } from './schema.ts';
import type { FoundIssue, IssueRequest, JiraSite } from './site.ts';

type Request = Parameters<Ticketing['open']>[0];

/** On every ticket of ours, for the sweep. */
export const LABEL = 'countersign';

/**
 * Opens the ticket of a change, or finds the one an earlier call opened: by its labels, and only among those our own
 * account created, since anybody may label an issue. The search index lags, so after an unclear outcome the search is
 * repeated until the lag must be over, and once more with the new ticket's id when one was made after all; of several the
 * oldest is kept.
 */
export async function openTicket(site: JiraSite, fields: TicketFields, request: Request): Promise<string> {
  const labels = labelsOf(request);
  const wait = request.mayExist === true ? (site.options.indexLagMs ?? 30_000) : 0;
  const found = await searchUntil(site, labels, wait);
  if (found.length > 0) return settle(site, found);
  const issue = issueFor(site, request, await fields.forOpen(request.content.values, labels));
  const kind = site.options.serviceManagement?.request;
  if (kind === undefined) return settled(site, labels, wait, await site.createIssue(issue));
  const mark = labels.slice(1).join(' ');
  const begun = wait === 0 ? [] : await finishRequests(site, mark, issue);
  if (begun.length > 0) return settle(site, begun);
  return settled(site, labels, wait, await openRequest(site, kind, mark, issue));
}

/** The ticket that was just made, or an older one that an earlier call made after all. */
async function settled(
  site: JiraSite,
  labels: string[],
  wait: number,
  made: { id: string; key: string },
): Promise<string> {
  return wait === 0 ? made.key : settle(site, [made, ...(await search(site, labels, [made.id]))]);
}

function labelsOf({ changeId, number }: Request): string[] {
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(changeId)) throw new Error('a change id that cannot be a label');
  return [LABEL, `${LABEL}-${changeId}`, `${LABEL}-ticket-${number}`];
}

function issueFor(
  site: JiraSite,
  { content, binding }: Request,
  fields: Record<string, unknown>,
): IssueRequest {
  const { projectKey, issueType } = site.options;
  return {
    fields: {
      project: { key: projectKey },
      issuetype: issueType,
      summary: content.summary,
      description: site.richText(longestFitting(content, site.lengthOf)),
      ...fields,
    },
    // In the call that creates an issue: there is no moment in which it exists and is not bound.
    properties: [{ key: BINDING, value: binding }],
  };
}

async function searchUntil(site: JiraSite, labels: string[], waitMs: number): Promise<FoundIssue[]> {
  const started = performance.now();
  for (let next = 500; ; next = Math.min(next * 2, 5_000)) {
    const found = await search(site, labels, []);
    const left = waitMs - (performance.now() - started);
    if (found.length > 0 || left <= 0) return found;
    await pause(Math.min(next, left));
  }
}

/** Our own tickets with all these labels. */
async function search(site: JiraSite, labels: string[], justMade: string[]): Promise<FoundIssue[]> {
  const terms = [`project = "${site.options.projectKey}"`, ...labels.map((label) => `labels = "${label}"`)];
  const jql = `${terms.join(' AND ')} ORDER BY created ASC`;
  const found = await site.search({ jql, most: 50, justMade });
  const me = await site.self();
  return found.filter(({ creator }) => creator.account === me);
}

/** Keeps the oldest and closes the others, which nobody has been shown. */
async function settle(site: JiraSite, found: readonly { id: string; key: string }[]): Promise<string> {
  const sorted = found.toSorted((a, b) => Number(a.id) - Number(b.id));
  const [oldest, ...extras] = new Set(sorted.map(({ key }) => ticketKey(key)));
  if (oldest === undefined) throw new Error('there is none to keep');
  for (const extra of extras) {
    await addComment(site, extra, `countersign:duplicate-of:${oldest}`, [
      {
        kind: 'paragraph',
        parts: [
          { text: 'This ticket was opened twice for the same change. Please go on in ' },
          { text: oldest, href: browseUrl(site, oldest) },
          { text: '; this one is closed and decides nothing.' },
        ],
      },
    ]);
    // A workflow that will not let go of it leaves an open ticket that says where to go on.
    await moveTicket(site, extra, ['requested', 'in-review', 'approved'], 'superseded');
  }
  return oldest;
}

/** Where people see the ticket. */
export function browseUrl(site: JiraSite, key: string): string {
  return `${site.options.baseUrl.replace(/\/+$/, '')}/browse/${ticketKey(key)}`;
}
