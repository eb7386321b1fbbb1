import { getChangeLogs, searchAndReconsileIssuesUsingJqlPost } from './calls.ts';
import type { Client } from 'jira.js/core';
import { z } from 'zod';
import { parse } from '../answer.ts';
import { tooMany } from '../fault.ts';
import { issueIn } from '../read-answers.ts';
import { foundIssue } from '../schema.ts';
import type { FoundIssue, JiraSite, Person } from '../site.ts';

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
    found.push(...page.issues.map((each) => issueIn({ person }, each)));
    nextPageToken = page.isLast === true ? undefined : (page.nextPageToken ?? undefined);
  } while (nextPageToken !== undefined && found.length < most);
  return found;
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
