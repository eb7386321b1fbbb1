import { z } from 'zod';
import { parse } from '../answer.ts';
import { issueIn } from '../read-answers.ts';
import { foundIssue } from '../schema.ts';
import type { FoundIssue, JiraSite, Person } from '../site.ts';
import type { DcClient } from './client.ts';

const PER_PAGE = 100;

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
    found.push(...issues.map((each) => issueIn({ person }, each)));
    if (issues.length === 0 || found.length >= Math.min(total, most)) return found;
  }
}

const searchPage = z.object({ total: z.number(), issues: z.array(foundIssue) });
