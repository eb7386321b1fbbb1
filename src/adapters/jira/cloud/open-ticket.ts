import { setTimeout as pause } from 'node:timers/promises';
import { createIssue, searchAndReconsileIssuesUsingJqlPost } from 'jira.js/cloud';
import type { Ticketing } from '#app/ports/ticketing.ts';
import { toAdf } from './adf.ts';
import { parse, ticketKey } from './client.ts';
import type { Jira } from './client.ts';
import { addComment } from './comment.ts';
import { moveTicket } from './move-ticket.ts';
import { BINDING, created, searchPage } from './schema.ts';

type Request = Parameters<Ticketing['open']>[0];

/** On every ticket of ours, for the sweep. */
export const LABEL = 'countersign';

/**
 * Opens the ticket of a change, or finds the one an earlier call opened: by its labels, and only among those our own
 * account created, since anybody may label an issue. The search index lags, so after an unclear outcome the search is
 * repeated until the lag must be over, and once more with the new ticket's id when one was made after all; of several the
 * oldest is kept.
 */
export async function openTicket(jira: Jira, request: Request): Promise<string> {
  const labels = labelsOf(request);
  const wait = request.mayExist === true ? (jira.options.indexLagMs ?? 30_000) : 0;
  const found = await searchUntil(jira, labels, wait);
  if (found.length > 0) return settle(jira, found);
  const made = await create(jira, request, labels);
  if (wait === 0) return made.key;
  return settle(jira, await search(jira, labels, [Number(made.id)]));
}

function labelsOf({ changeId, number }: Request): string[] {
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(changeId)) throw new Error('a change id that cannot be a label');
  return [LABEL, `${LABEL}-${changeId}`, `${LABEL}-ticket-${number}`];
}

async function create(
  jira: Jira,
  { content, binding }: Request,
  labels: string[],
): Promise<{ id: string; key: string }> {
  const { projectKey, issueType } = jira.options;
  const answer = await createIssue(jira.client, {
    fields: {
      project: { key: projectKey },
      issuetype: issueType,
      summary: content.summary,
      description: toAdf(content.body),
      labels,
    },
    // In the creating call: there is no moment in which the ticket exists and is not bound.
    properties: [{ key: BINDING, value: binding }],
  });
  return parse(created, answer, 'the new issue');
}

async function searchUntil(jira: Jira, labels: string[], waitMs: number): Promise<string[]> {
  const started = performance.now();
  for (let next = 500; ; next = Math.min(next * 2, 5_000)) {
    const found = await search(jira, labels, []);
    const left = waitMs - (performance.now() - started);
    if (found.length > 0 || left <= 0) return found;
    await pause(Math.min(next, left));
  }
}

/** Keys of our own tickets with all these labels, oldest first. */
async function search(jira: Jira, labels: string[], justMade: number[]): Promise<string[]> {
  const terms = [`project = "${jira.options.projectKey}"`, ...labels.map((label) => `labels = "${label}"`)];
  const answer = await searchAndReconsileIssuesUsingJqlPost(jira.client, {
    jql: `${terms.join(' AND ')} ORDER BY created ASC`,
    fields: ['creator'],
    maxResults: 50,
    ...(justMade.length === 0 ? {} : { reconcileIssues: justMade }),
  });
  const me = await jira.self();
  const { issues } = parse(searchPage, answer, 'search');
  const ours = issues.filter((each) => each.fields?.creator?.accountId === me);
  return ours.sort((a, b) => Number(a.id) - Number(b.id)).map((each) => ticketKey(each.key));
}

/** Keeps the oldest and closes the others, which nobody has been shown. */
async function settle(jira: Jira, [oldest, ...extras]: string[]): Promise<string> {
  if (oldest === undefined) throw new Error('a ticket that was just opened is not found by its id');
  for (const extra of extras) {
    await addComment(jira, extra, `countersign:duplicate-of:${oldest}`, [
      {
        kind: 'paragraph',
        parts: [
          { text: 'This ticket was opened twice for the same change. Please go on in ' },
          { text: oldest, href: browseUrl(jira, oldest) },
          { text: '; this one is closed and decides nothing.' },
        ],
      },
    ]);
    // A workflow that will not let go of it leaves an open ticket that says where to go on.
    await moveTicket(jira, extra, ['requested', 'in-review', 'approved'], 'superseded');
  }
  return oldest;
}

/** Where people see the ticket. */
export function browseUrl(jira: Jira, key: string): string {
  return `${jira.options.baseUrl.replace(/\/+$/, '')}/browse/${ticketKey(key)}`;
}
