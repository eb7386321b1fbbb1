import { parse } from './answer.ts';
import { tooMany } from './fault.ts';
import { attachments, commentPage, foundIssue, transitions, userPage } from './schema.ts';
import type { FoundAttachment, FoundComment, FoundIssue, JiraSite } from './site.ts';
import type { z } from 'zod';

/* What both flavours answer alike, however they are asked. */

/** Which part of a list is asked for. */
export interface Page {
  startAt: number;
  maxResults: number;
}

type Ask = (page: Page) => Promise<unknown>;

const COMMENTS = 100;
const USERS = 50;
const MOST_PAGES = 100;

/** Comments in the order in which they are answered, page by page; what is further away than anybody reads is left. */
export async function* commentsIn(
  { linesOf, person }: Pick<JiraSite, 'linesOf' | 'person'>,
  ask: Ask,
): AsyncGenerator<FoundComment> {
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const startAt = page * COMMENTS;
    const { comments, total } = parse(commentPage, await ask({ startAt, maxResults: COMMENTS }), 'comments');
    for (const { id, author, body } of comments) yield { id, author: person(author), lines: linesOf(body) };
    if (startAt + COMMENTS >= total) return;
  }
}

/** The users of a group, page by page: all of them, or none. */
export async function* usersIn(group: string, ask: Ask): AsyncGenerator<unknown> {
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await ask({ startAt: page * USERS, maxResults: USERS });
    const { isLast, values } = parse(userPage, answer, 'group/member');
    yield* values;
    if (isLast) return;
  }
  throw tooMany(`the group ${group}`, MOST_PAGES * USERS);
}

/** One issue of a search's answer. */
export function issueIn(
  { person }: Pick<JiraSite, 'person'>,
  { fields, id, key }: z.infer<typeof foundIssue>,
): FoundIssue {
  return { id, key, summary: fields?.summary ?? '', creator: person(fields?.creator) };
}

/** The attachments of an issue that was asked for with them. */
export function attachmentsIn({ person }: Pick<JiraSite, 'person'>, issue: unknown): FoundAttachment[] {
  return parse(attachments, issue, 'attachments').fields.attachment.map(({ author, filename, size }) => ({
    name: filename,
    size,
    author: person(author),
  }));
}

/** Transitions that are offered, by where they lead. */
export function transitionsIn(answer: unknown): { id: string; to: string }[] {
  return parse(transitions, answer, 'transitions').transitions.map(({ id, to }) => ({ id, to: to.id }));
}
