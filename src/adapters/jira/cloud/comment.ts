import { addComment as postComment, getComments, updateComment } from 'jira.js/cloud';
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
  if ((await findOwn(jira, key, marker)) !== undefined) return;
  await postComment(jira.client, { issueIdOrKey: ticketKey(key), body: toAdf(signed(body, marker)) });
}

/** Replaces our comment that ends with the marker, unless it says the same already; adds it where there is none. */
export async function putComment(
  jira: Jira,
  key: string,
  marker: string,
  body: readonly TicketBlock[],
): Promise<void> {
  const document = toAdf(signed(body, marker));
  const there = await findOwn(jira, key, marker);
  if (there === undefined) {
    await postComment(jira.client, { issueIdOrKey: ticketKey(key), body: document });
  } else if (there.texts.join('\n') !== textsOf(document).join('\n')) {
    await updateComment(jira.client, {
      issueIdOrKey: ticketKey(key),
      id: there.id,
      body: { body: document },
    });
  }
}

function signed(body: readonly TicketBlock[], marker: string): TicketBlock[] {
  return [...body, { kind: 'paragraph', parts: [{ text: marker, style: 'code' }] }];
}

async function findOwn(jira: Jira, key: string, marker: string): Promise<OwnComment | undefined> {
  for await (const each of ownComments(jira, key)) if (each.texts.at(-1) === marker) return each;
  return undefined;
}

interface OwnComment {
  id: string;
  /** Block by block. */
  texts: string[];
}

/** Our comments, the newest first. */
export async function* ownComments(jira: Jira, key: string): AsyncGenerator<OwnComment> {
  const me = await jira.self();
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await getComments(jira.client, {
      issueIdOrKey: ticketKey(key),
      orderBy: '-created',
      startAt: page * PER_PAGE,
      maxResults: PER_PAGE,
    });
    const { comments, total } = parse(commentPage, answer, 'comments');
    for (const { id, author, body } of comments)
      if (author?.accountId === me) yield { id, texts: textsOf(body) };
    if ((page + 1) * PER_PAGE >= total) return;
  }
}
