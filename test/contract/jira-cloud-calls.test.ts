import * as library from 'jira.js/cloud';
import type { Client, SendRequestOptions } from 'jira.js/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as calls from '#adapters/jira/cloud/calls.ts';
import { createCloudClient } from '#adapters/jira/cloud/client.ts';
import { STATUS_IDS } from './adapters-jira-scene.ts';
import { type JiraSite, paragraph, startSite } from './jira-site.ts';

type Name = keyof typeof calls;
type Call = (client: Client, given: object) => Promise<unknown>;

/** What the calls are about; made before they are made. */
interface Ticket {
  issueIdOrKey: string;
  comment: string;
  issueType: string;
}

const PAGE = { startAt: 0, maxResults: 50 };
const PLACE = { projectIdOrKey: 'CHG' };

const GIVEN: Record<Name, (ticket: Ticket) => object> = {
  getCurrentUser: () => ({}),
  getUser: () => ({ accountId: 'bot' }),
  getUserGroups: () => ({ accountId: 'bot' }),
  getUsersFromGroup: () => ({ groupname: 'change-approvers', includeInactiveUsers: false, ...PAGE }),
  getMyPermissions: () => ({ projectKey: 'CHG', permissions: 'BROWSE_PROJECTS,EDIT_ISSUES' }),
  getFields: () => ({}),
  getAllStatuses: () => PLACE,
  getCreateIssueMetaIssueTypes: () => ({ ...PLACE, ...PAGE }),
  getCreateIssueMetaIssueTypeId: ({ issueType }) => ({ ...PLACE, issueTypeId: issueType, ...PAGE }),
  getIssue: (at) => ({ ...inIssue(at), fields: ['status', 'project'], properties: ['countersign.binding'] }),
  getChangeLogs: (at) => ({ ...inIssue(at), ...PAGE }),
  getTransitions: (at) => inIssue(at),
  getComments: (at) => ({ ...inIssue(at), orderBy: '-created', ...PAGE }),
  searchAndReconsileIssuesUsingJqlPost: () => ({
    jql: 'project = CHG',
    fields: ['creator', 'summary'],
    maxResults: 10,
    reconcileIssues: [10_000],
  }),
  createIssue: () => ({
    fields: {
      project: { key: 'CHG' },
      issuetype: { name: 'Change' },
      summary: 'Networks',
      description: paragraph('The plan.'),
    },
    properties: [{ key: 'countersign.binding', value: { digest: 'abc' } }],
  }),
  editIssue: (at) => ({ ...inIssue(at), fields: { summary: 'Networks, second plan' }, properties: [] }),
  doTransition: (at) => ({ ...inIssue(at), transition: { id: '11' } }),
  addComment: (at) => ({ ...inIssue(at), body: paragraph('Planned.') }),
  updateComment: (at) => ({ ...inIssue(at), id: at.comment, body: { body: paragraph('Planned again.') } }),
  createOrUpdateRemoteIssueLink: (at) => ({
    ...inIssue(at),
    globalId: 'countersign=1',
    relationship: 'is asked for by',
    object: { url: 'https://gitlab.example/1', title: '!1', status: { resolved: false } },
  }),
  addAttachment: (at) => ({
    ...inIssue(at),
    attachments: { filename: 'plan.txt', content: new Blob(['1 to add'], { type: 'text/plain' }) },
  }),
};

describe('a call of the adapter for Jira Cloud', () => {
  let site: JiraSite;
  let client: Client;
  let ticket: Ticket;
  beforeAll(async () => {
    site = await startSite();
    client = createCloudClient({
      baseUrl: site.jira.url,
      email: 'bot@example.com',
      apiToken: 'token-of-bot',
      projectKey: 'CHG',
      issueType: { name: 'Change' },
      statusIds: STATUS_IDS,
    });
    const issueIdOrKey = await site.newIssue();
    const comment = await calls.addComment(client, { issueIdOrKey, body: paragraph('Hello.') });
    const types = await calls.getCreateIssueMetaIssueTypes(client, { ...PLACE, ...PAGE });
    ticket = {
      issueIdOrKey,
      comment: (comment as { id: string }).id,
      issueType: (types as { issueTypes: { id: string }[] }).issueTypes[0]?.id ?? '',
    };
  });
  afterAll(() => site.close());

  test.each(Object.keys(GIVEN) as Name[])(
    '%s is the one that jira.js makes, and is answered as its schema says',
    async (name) => {
      const given = GIVEN[name](ticket);
      const ours = await requestOf(calls, name, given);
      const { schema, ...theirs } = await requestOf(library, name, given);
      expect(await plain(ours)).toEqual(await plain(theirs));
      const answer = await client.sendRequest<unknown>(ours);
      expect(schema?.safeParse(answer).error?.issues ?? []).toEqual([]);
    },
  );
});

const inIssue = ({ issueIdOrKey }: Ticket) => ({ issueIdOrKey });

/** What the module's function of that name would send. */
async function requestOf(module: object, name: Name, given: object): Promise<SendRequestOptions<unknown>> {
  const sent: SendRequestOptions<unknown>[] = [];
  const recorder: Client = {
    sendRequest: async <T>(request: SendRequestOptions<T>) => {
      sent.push(request as SendRequestOptions<unknown>);
      return undefined as T;
    },
  };
  const call = new Map(Object.entries(module) as [string, Call][]).get(name);
  await call?.(recorder, given);
  const [request] = sent;
  if (request === undefined) throw new Error(`${name} sent nothing`);
  return request;
}

/** A request as it goes over the wire: without what is undefined, forms with the text of their files. */
async function plain({ body, ...request }: SendRequestOptions<unknown>): Promise<unknown> {
  const files =
    body instanceof FormData
      ? [...body.entries()].map(async ([name, value]) =>
          typeof value === 'string' ? [name, value] : [name, value.name, value.type, await value.text()],
        )
      : [];
  const text = JSON.stringify({ searchParams: {}, ...request, body, files: await Promise.all(files) });
  return JSON.parse(text);
}
