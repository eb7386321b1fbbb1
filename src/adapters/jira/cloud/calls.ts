import type { Client } from 'jira.js/core';

/*
 * The calls of REST v3 that are made, named and made as in `jira.js/cloud`. That module is not loaded for two dozen of its
 * functions: it brings a thousand files of schemas for all the others, most of a second and 80 MB in every worker, which
 * each git and terraform that it starts pays for again. `test/contract/jira-cloud-calls.test.ts` holds these to be the
 * library's own calls, and the answers to what its schemas say.
 */

type Given = Readonly<Record<string, unknown>>;
type InIssue<T extends object = object> = T & { issueIdOrKey: string };
interface Page {
  startAt?: number;
  maxResults?: number;
}

const API = '/rest/api/3';

export const getCurrentUser = (client: Client) => get(client, '/myself');

export const getUser = (client: Client, given: { accountId: string }) => get(client, '/user', given);

export const getUserGroups = (client: Client, given: { accountId: string }) =>
  get(client, '/user/groups', given);

export const getUsersFromGroup = (
  client: Client,
  given: Page & { groupname: string; includeInactiveUsers: boolean },
) => get(client, '/group/member', given);

export const getMyPermissions = (client: Client, given: { projectKey: string; permissions: string }) =>
  get(client, '/mypermissions', given);

export const getFields = (client: Client) => get(client, '/field');

export const getAllStatuses = (client: Client, { projectIdOrKey }: { projectIdOrKey: string }) =>
  get(client, `/project/${projectIdOrKey}/statuses`);

export const getCreateIssueMetaIssueTypes = (
  client: Client,
  { projectIdOrKey, ...page }: Page & { projectIdOrKey: string },
) => get(client, `/issue/createmeta/${projectIdOrKey}/issuetypes`, page);

export const getCreateIssueMetaIssueTypeId = (
  client: Client,
  { projectIdOrKey, issueTypeId, ...page }: Page & { projectIdOrKey: string; issueTypeId: string },
) => get(client, `/issue/createmeta/${projectIdOrKey}/issuetypes/${issueTypeId}`, page);

export const getIssue = (
  client: Client,
  { issueIdOrKey, ...wanted }: InIssue<{ fields: string[]; properties?: string[] }>,
) => get(client, `/issue/${issueIdOrKey}`, wanted);

export const getChangeLogs = (client: Client, { issueIdOrKey, ...page }: InIssue<Page>) =>
  get(client, `/issue/${issueIdOrKey}/changelog`, page);

export const getTransitions = (client: Client, { issueIdOrKey }: InIssue) =>
  get(client, `/issue/${issueIdOrKey}/transitions`);

export const getComments = (
  client: Client,
  { issueIdOrKey, ...page }: InIssue<Page & { orderBy: 'created' | '-created' }>,
) => get(client, `/issue/${issueIdOrKey}/comment`, page);

export const searchAndReconsileIssuesUsingJqlPost = (
  client: Client,
  query: {
    jql: string;
    fields: string[];
    maxResults: number;
    reconcileIssues?: number[];
    nextPageToken?: string;
  },
) => send(client, 'POST', '/search/jql', query);

export const createIssue = (client: Client, issue: { fields: Given; properties: readonly Given[] }) =>
  send(client, 'POST', '/issue', issue);

export const editIssue = (
  client: Client,
  { issueIdOrKey, ...edit }: InIssue<{ fields?: Given; update?: Given; properties?: readonly Given[] }>,
) => send(client, 'PUT', `/issue/${issueIdOrKey}`, edit);

export const doTransition = (
  client: Client,
  { issueIdOrKey, transition }: InIssue<{ transition: { id: string } }>,
) => send(client, 'POST', `/issue/${issueIdOrKey}/transitions`, { transition });

/** @param given.body a document in Atlassian's format; v3 takes no other text */
export const addComment = (client: Client, { issueIdOrKey, body }: InIssue<{ body: object }>) =>
  send(client, 'POST', `/issue/${issueIdOrKey}/comment`, { body });

export const updateComment = (
  client: Client,
  { issueIdOrKey, id, body }: InIssue<{ id: string; body: { body: object } }>,
) => send(client, 'PUT', `/issue/${issueIdOrKey}/comment/${id}`, body);

export const createOrUpdateRemoteIssueLink = (
  client: Client,
  { issueIdOrKey, ...link }: InIssue<{ globalId: string; relationship: string; object: Given }>,
) => send(client, 'POST', `/issue/${issueIdOrKey}/remotelink`, link);

export function addAttachment(
  client: Client,
  { issueIdOrKey, attachments }: InIssue<{ attachments: { filename: string; content: Blob } }>,
): Promise<unknown> {
  const body = new FormData();
  body.append('file', attachments.content, attachments.filename);
  return client.sendRequest<unknown>({
    url: `${API}/issue/${issueIdOrKey}/attachments`,
    method: 'POST',
    // JIRA takes uploads only from who says that no browser was tricked into them.
    headers: { 'X-Atlassian-Token': 'no-check' },
    body,
  });
}

const get = (client: Client, path: string, searchParams: object = {}): Promise<unknown> =>
  client.sendRequest<unknown>({ url: `${API}${path}`, method: 'GET', searchParams: { ...searchParams } });

const send = (client: Client, method: 'POST' | 'PUT', path: string, body: object): Promise<unknown> =>
  client.sendRequest<unknown>({ url: `${API}${path}`, method, body });
