import {
  addAttachment,
  addComment,
  createIssue,
  createOrUpdateRemoteIssueLink,
  doTransition,
  editIssue,
  getComments,
  getCurrentUser,
  getIssue,
  getTransitions,
  getUser,
  getUsersFromGroup,
  updateComment,
} from './calls.ts';
import type { Client } from 'jira.js/core';
import { z } from 'zod';
import { jiraId, parse } from '../answer.ts';
import { askOnce } from '../ask-once.ts';
import { hasStatus } from '../fault.ts';
import type { JiraOptions } from '../options.ts';
import { attachmentsIn, commentsIn, transitionsIn, usersIn } from '../read-answers.ts';
import { BINDING, created } from '../schema.ts';
import type { JiraSite, Person } from '../site.ts';
import { adfLength, textsOf, toAdf } from './adf.ts';
import { historiesOf, searchFor } from './pages.ts';
import { surroundingsOf } from './surroundings.ts';

/** Jira Cloud through jira.js: REST v3, rich text as documents, people by account id. */
export function createCloudSite(client: Client, options: JiraOptions): JiraSite {
  const mine = askOnce(async () => person(parse(account, await getCurrentUser(client), 'myself')));
  const me = mine.get;
  const issue = (key: string) => readIssue(client, key);
  const histories = (key: string) => historiesOf(client, key);
  return {
    options,
    me,
    self: async () => options.botAccount ?? (await me()).account,
    person,
    lookUp: async (accountId) => person(await getUser(client, { accountId })),
    userReference: (accountId) => Promise.resolve({ accountId }),
    richText: toAdf,
    lengthOf: adfLength,
    linesOf: textsOf,

    issue,
    histories,
    async issueWithHistories(key) {
      const answer = await issue(key);
      return answer === undefined ? undefined : { issue: answer, histories: await histories(key) };
    },
    async createIssue({ fields, properties = [] }) {
      return parse(created, await createIssue(client, { fields, properties }), 'the new issue');
    },
    async editIssue(issueIdOrKey, { fields, update, properties = [] }) {
      const given = update === undefined ? {} : { update: update as Record<string, never[]> };
      await editIssue(client, { issueIdOrKey, fields, properties, ...given });
    },
    async transitions(issueIdOrKey) {
      return transitionsIn(await getTransitions(client, { issueIdOrKey }));
    },
    async transition(issueIdOrKey, id) {
      await doTransition(client, { issueIdOrKey, transition: { id: jiraId(id) } });
    },
    search: (query) => searchFor(client, query, person),
    comments: (issueIdOrKey) =>
      commentsIn({ linesOf: textsOf, person }, (page) =>
        getComments(client, { issueIdOrKey, orderBy: '-created', ...page }),
      ),
    async addComment(issueIdOrKey, blocks) {
      await addComment(client, { issueIdOrKey, body: toAdf(blocks) });
    },
    async editComment(issueIdOrKey, id, blocks) {
      await updateComment(client, { issueIdOrKey, id: jiraId(id), body: { body: toAdf(blocks) } });
    },
    async attachments(issueIdOrKey) {
      const answer = await getIssue(client, { issueIdOrKey, fields: ['attachment'] });
      return attachmentsIn({ person }, answer);
    },
    async attach(issueIdOrKey, file) {
      const content = new Blob([new Uint8Array(file.content)], { type: file.mediaType });
      await addAttachment(client, { issueIdOrKey, attachments: { filename: file.name, content } });
    },
    async putLink(issueIdOrKey, { globalId, relationship, url, title, resolved }) {
      const object = { url, title, status: { resolved } };
      await createOrUpdateRemoteIssueLink(client, { issueIdOrKey, globalId, relationship, object });
    },
    // Our account needs "Browse users and groups".
    groupMembers: (groupname) =>
      usersIn(groupname, (page) =>
        getUsersFromGroup(client, { groupname, includeInactiveUsers: false, ...page }),
      ),
    ...surroundingsOf(client, options, async () => (await me()).account),
  };
}

/** Deleted and anonymised people lack most of this; what is missing is then not a person who may decide. */
function person(user: unknown): Person {
  const { accountId = '', accountType, displayName, active = false } = named.safeParse(user).data ?? {};
  const kind = accountType === 'atlassian' ? 'person' : accountType === 'app' ? 'app' : 'other';
  return {
    account: accountId,
    ...(displayName === undefined ? {} : { name: displayName }),
    kind,
    active,
  };
}

async function readIssue(client: Client, issueIdOrKey: string): Promise<unknown> {
  const fields = ['status', 'project', 'issuetype'];
  try {
    return await getIssue(client, { issueIdOrKey, fields, properties: [BINDING] });
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

const account = z.looseObject({ accountId: z.string() });

const named = z.object({
  accountId: z.string().optional(),
  accountType: z.string().optional(),
  displayName: z.string().optional(),
  active: z.boolean().optional(),
});
