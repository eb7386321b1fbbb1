import { z } from 'zod';
import { jiraId, parse } from '../answer.ts';
import { tooMany } from '../fault.ts';
import type { JiraOptions } from '../options.ts';
import { heldPermissions } from '../schema.ts';
import type { JiraSurroundings } from '../site.ts';
import type { DcClient } from './client.ts';

/** The surroundings of our tickets in Jira Data Center. */
export function surroundingsOf(client: DcClient, { projectKey }: JiraOptions): JiraSurroundings {
  const get = (path: readonly string[], query: Record<string, string | number> = {}) =>
    client({ method: 'GET', path: ['api', '2', ...path], query });
  const metadata = (...below: string[]) =>
    allOf((query) => get(['issue', 'createmeta', projectKey, 'issuetypes', ...below], query));
  return {
    serviceDesk: (method, path, { query = {}, body }) =>
      client({
        method,
        path: ['servicedeskapi', ...path.split('/')],
        query,
        // Approvals are an experimental part of Data Center's API.
        headers: { 'x-experimentalapi': 'opt-in' },
        ...(body === undefined ? {} : { body }),
      }),
    async ownGroups() {
      return parse(myself, await get(['myself'], { expand: 'groups' }), 'groups').groups.items.map(
        ({ name }) => name,
      );
    },
    async permissions(wanted) {
      const { permissions } = parse(
        heldPermissions,
        await get(['mypermissions'], { projectKey }),
        'permissions',
      );
      return wanted.filter((each) => permissions[each]?.havePermission === true);
    },
    projectStatuses: () => get(['project', projectKey, 'statuses']),
    fields: () => get(['field']),
    createIssueTypes: () => metadata(),
    createFields: (issueTypeId) => metadata(jiraId(issueTypeId)),
  };
}

const MOST_PAGES = 50;

async function allOf(
  page: (query: { startAt: number; maxResults: number }) => Promise<unknown>,
): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const answer = await page({ startAt: all.length, maxResults: 50 });
    const { isLast, values } = parse(valuePage, answer, 'createmeta');
    all.push(...values);
    if (isLast !== false || values.length === 0) return all;
  }
  throw tooMany('the create screen', MOST_PAGES * 50);
}

const valuePage = z.object({ isLast: z.boolean().optional(), values: z.array(z.unknown()) });
const myself = z.object({ groups: z.object({ items: z.array(z.object({ name: z.string() })) }) });
