import {
  getAllStatuses,
  getCreateIssueMetaIssueTypeId,
  getCreateIssueMetaIssueTypes,
  getFields,
  getMyPermissions,
  getUserGroups,
} from './calls.ts';
import type { Client } from 'jira.js/core';
import { z } from 'zod';
import { jiraId, parse } from '../answer.ts';
import type { JiraOptions } from '../options.ts';
import { heldPermissions } from '../schema.ts';
import type { JiraSurroundings } from '../site.ts';

/** The surroundings of our tickets in Jira Cloud. */
export function surroundingsOf(
  client: Client,
  { projectKey }: JiraOptions,
  self: () => Promise<string>,
): JiraSurroundings {
  return {
    serviceDesk: (method, path, { query = {}, body }) =>
      client.sendRequest<unknown>({
        url: `/rest/servicedeskapi/${path}`,
        method,
        searchParams: query,
        ...(body === undefined ? {} : { body }),
      }),
    async ownGroups() {
      const answer: unknown = await getUserGroups(client, { accountId: await self() });
      return parse(groups, answer, 'groups').map(({ name }) => name);
    },
    async permissions(wanted) {
      const answer = await getMyPermissions(client, { projectKey, permissions: wanted.join(',') });
      const { permissions } = parse(heldPermissions, answer, 'permissions');
      return wanted.filter((each) => permissions[each]?.havePermission === true);
    },
    projectStatuses: () => getAllStatuses(client, { projectIdOrKey: projectKey }),
    fields: () => getFields(client),
    async createIssueTypes() {
      const given = { projectIdOrKey: projectKey, maxResults: 200 };
      return parse(typePage, await getCreateIssueMetaIssueTypes(client, given), 'createmeta').issueTypes;
    },
    async createFields(issueTypeId) {
      const given = { projectIdOrKey: projectKey, issueTypeId: jiraId(issueTypeId), maxResults: 200 };
      return parse(fieldPage, await getCreateIssueMetaIssueTypeId(client, given), 'createmeta').fields;
    },
  };
}

const groups = z.array(z.object({ name: z.string() }));
const typePage = z.object({ issueTypes: z.array(z.unknown()) });
const fieldPage = z.object({ fields: z.array(z.unknown()) });
