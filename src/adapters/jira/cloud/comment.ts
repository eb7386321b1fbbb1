import { addComment as postComment, getComments } from 'jira.js/cloud';
import type { TicketBlock } from '#app/ports/ticketing.ts';
import { textsOf, toAdf } from './adf.ts';
import { parse, ticketKey } from './client.ts';
import type { Jira } from './client.ts';
import { commentPage } from './schema.ts';

const PER_PAGE = 100;
const MOST_PAGES = 20;

/** Adds a comment once: it ends with its marker, and one of ours that does so is the result of an earlier call. */
export async function addComment(
  jira: Jira,
  key: string,
  marker: string,
  body: readonly TicketBlock[],
): Promise<void> {
  if (await isThere(jira, key, marker)) return;
  const signed: TicketBlock[] = [...body, { kind: 'paragraph', parts: [{ text: marker, style: 'code' }] }];
  await postComment(jira.client, { issueIdOrKey: ticketKey(key), body: toAdf(signed) });
}

async function isThere(jira: Jira, key: string, marker: string): Promise<boolean> {
  for await (const texts of ownComments(jira, key)) if (texts.at(-1) === marker) return true;
  return false;
}

/** The texts of each of our comments, block by block, the newest comment first. */
export async function* ownComments(jira: Jira, key: string): AsyncGenerator<string[]> {
  const me = await jira.self();
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await getComments(jira.client, {
      issueIdOrKey: ticketKey(key),
      orderBy: '-created',
      startAt: page * PER_PAGE,
      maxResults: PER_PAGE,
    });
    const { comments, total } = parse(commentPage, answer, 'comments');
    for (const each of comments) if (each.author?.accountId === me) yield textsOf(each.body);
    if ((page + 1) * PER_PAGE >= total) return;
  }
}
