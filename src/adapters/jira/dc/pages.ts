import { z } from 'zod';
import { parse } from '../answer.ts';
import { tooMany } from '../fault.ts';
import { commentPage, foundIssue, userPage } from '../schema.ts';
import type { FoundComment, FoundIssue, JiraSite, Person } from '../site.ts';
import type { DcClient } from './client.ts';
import { linesOf } from './read-wiki.ts';

const PER_PAGE = 100;
const MOST_PAGES = 100;

/** The issues that a query finds, by offset and total. */
export async function searchFor(
  client: DcClient,
  { jql, most }: Parameters<JiraSite['search']>[0],
  person: (user: unknown) => Person,
): Promise<FoundIssue[]> {
  const found: FoundIssue[] = [];
  for (;;) {
    const maxResults = Math.min(PER_PAGE, most - found.length);
    const body = { jql, fields: ['creator', 'summary'], startAt: found.length, maxResults };
    const answer = await client({ method: 'POST', path: ['api', '2', 'search'], body });
    const { issues, total } = parse(searchPage, answer, 'search');
    for (const { id, key, fields } of issues)
      found.push({ id, key, summary: fields?.summary ?? '', creator: person(fields?.creator) });
    if (issues.length === 0 || found.length >= Math.min(total, most)) return found;
  }
}

/** Comments, the newest first. */
export async function* commentsOf(
  client: DcClient,
  key: string,
  person: (user: unknown) => Person,
): AsyncGenerator<FoundComment> {
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const startAt = page * PER_PAGE;
    const query = { orderBy: '-created', startAt, maxResults: PER_PAGE };
    const answer = await client({ method: 'GET', path: ['api', '2', 'issue', key, 'comment'], query });
    const { comments, total } = parse(commentPage, answer, 'comments');
    for (const { id, author, body } of comments) yield { id, author: person(author), lines: linesOf(body) };
    if (startAt + PER_PAGE >= total) return;
  }
}

/** The group's active users. Data Center shows them to administrators alone. */
export async function* groupMembersOf(client: DcClient, groupname: string): AsyncGenerator<unknown> {
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { groupname, includeInactiveUsers: false, startAt: page * 50, maxResults: 50 };
    const answer = await client({ method: 'GET', path: ['api', '2', 'group', 'member'], query });
    const { isLast, values } = parse(userPage, answer, 'group/member');
    yield* values;
    if (isLast) return;
  }
  throw tooMany(`the group ${groupname}`, MOST_PAGES * 50);
}

const searchPage = z.object({ total: z.number(), issues: z.array(foundIssue) });
