import { z } from 'zod';
import { parse, ticketKey } from './answer.ts';
import type { RequestKind } from './options.ts';
import type { FoundIssue, IssueRequest, JiraSite } from './site.ts';

/**
 * Opens a ticket as a request. A request's form takes neither labels nor properties, so its first summary is a mark by which
 * it is found again, and what makes it ours is written right after.
 */
export async function openRequest(
  site: JiraSite,
  kind: RequestKind,
  mark: string,
  issue: IssueRequest,
): Promise<{ id: string; key: string }> {
  const body = { ...kind, requestFieldValues: { summary: mark } };
  const answer = await site.serviceDesk('POST', 'request', { body });
  const { issueId, issueKey } = parse(opened, answer, 'the new request');
  await finish(site, issueKey, issue);
  return { id: issueId, key: issueKey };
}

/** Finishes what an earlier call began: requests of ours that still have their mark for a summary. */
export async function finishRequests(
  site: JiraSite,
  mark: string,
  issue: IssueRequest,
): Promise<FoundIssue[]> {
  const jql = `project = "${site.options.projectKey}" AND created >= "-${LOOK_BACK}" ORDER BY created DESC`;
  const [found, me] = [await site.search({ jql, most: MOST_LOOKED_AT }), await site.self()];
  const begun = found.filter(({ creator, summary }) => creator.account === me && summary === mark);
  for (const { key } of begun) await finish(site, key, issue);
  return begun;
}

/** Begun requests are finished within minutes unless everything stands still for long. */
const LOOK_BACK = '7d';
const MOST_LOOKED_AT = 500;

function finish(site: JiraSite, key: string, { fields, properties }: IssueRequest): Promise<void> {
  const { issuetype: _type, project: _project, ...editable } = fields;
  return site.editIssue(ticketKey(key), {
    fields: editable,
    ...(properties === undefined ? {} : { properties }),
  });
}

const opened = z.object({ issueId: z.string(), issueKey: z.string() });
