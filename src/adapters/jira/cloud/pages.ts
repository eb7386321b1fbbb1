import {
  getChangeLogs,
  getComments,
  getUsersFromGroup,
  searchAndReconsileIssuesUsingJqlPost,
} from 'jira.js/cloud';
import type { Client } from 'jira.js/core';
import { z } from 'zod';
import { parse } from '../answer.ts';
import { tooMany } from '../fault.ts';
import { commentPage, foundIssue, userPage } from '../schema.ts';
import type { FoundComment, FoundIssue, JiraSite, Person } from '../site.ts';
import { textsOf } from './adf.ts';

const PER_PAGE = 100;
const MOST_PAGES = 100;

/** The whole changelog, oldest first, as Cloud gives it. */
export async function historiesOf(client: Client, issueIdOrKey: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const given = { issueIdOrKey, startAt: all.length, maxResults: PER_PAGE };
    const answer: unknown = await getChangeLogs(client, given);
    const { values, total, isLast } = parse(changelogPage, answer, 'changelog');
    all.push(...values);
    if (isLast === true || values.length === 0 || all.length >= total) return all;
  }
  throw tooMany(`the changelog of ${issueIdOrKey}`, MOST_PAGES * PER_PAGE);
}

/** The issues that a query finds, page by page; `justMade` are read past the index, which lags. */
export async function searchFor(
  client: Client,
  { jql, most, justMade = [] }: Parameters<JiraSite['search']>[0],
  person: (user: unknown) => Person,
): Promise<FoundIssue[]> {
  const found: FoundIssue[] = [];
  let nextPageToken: string | undefined;
  do {
    const answer = await searchAndReconsileIssuesUsingJqlPost(client, {
      jql,
      fields: ['creator', 'summary'],
      maxResults: Math.min(PER_PAGE, most - found.length),
      ...(justMade.length === 0 ? {} : { reconcileIssues: justMade.map(Number) }),
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    const page = parse(searchPage, answer, 'search');
    for (const { id, key, fields } of page.issues)
      found.push({ id, key, summary: fields?.summary ?? '', creator: person(fields?.creator) });
    nextPageToken = page.isLast === true ? undefined : (page.nextPageToken ?? undefined);
  } while (nextPageToken !== undefined && found.length < most);
  return found;
}

/** Comments, the newest first. */
export async function* commentsOf(
  client: Client,
  issueIdOrKey: string,
  person: (user: unknown) => Person,
): AsyncGenerator<FoundComment> {
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const startAt = page * PER_PAGE;
    const answer = await getComments(client, {
      issueIdOrKey,
      orderBy: '-created',
      startAt,
      maxResults: PER_PAGE,
    });
    const { comments, total } = parse(commentPage, answer, 'comments');
    for (const { id, author, body } of comments) yield { id, author: person(author), lines: textsOf(body) };
    if (startAt + PER_PAGE >= total) return;
  }
}

/** The group's active users. Our account needs "Browse users and groups". */
export async function* groupMembersOf(client: Client, groupname: string): AsyncGenerator<unknown> {
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await getUsersFromGroup(client, {
      groupname,
      includeInactiveUsers: false,
      startAt: page * 50,
      maxResults: 50,
    });
    const { isLast, values } = parse(userPage, answer, 'group/member');
    yield* values;
    if (isLast) return;
  }
  throw tooMany(`the group ${groupname}`, MOST_PAGES * 50);
}

const changelogPage = z.object({
  total: z.number(),
  isLast: z.boolean().optional(),
  values: z.array(z.unknown()),
});

const searchPage = z.object({
  issues: z.array(foundIssue),
  nextPageToken: z.string().nullish(),
  isLast: z.boolean().optional(),
});
