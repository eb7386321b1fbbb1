import { z } from 'zod';
import { jiraId, parse } from '../answer.ts';
import { askOnce } from '../ask-once.ts';
import { hasStatus } from '../fault.ts';
import { attachmentsIn, commentsIn, transitionsIn, usersIn } from '../read-answers.ts';
import { BINDING, created } from '../schema.ts';
import type { IssueRequest, JiraSite, Person } from '../site.ts';
import type { DcClient, JiraDataCenterOptions } from './client.ts';
import { historiesIn } from './changelog.ts';
import { searchFor } from './pages.ts';
import { linesOf } from './read-wiki.ts';
import { surroundingsOf } from './surroundings.ts';
import { toWiki, wikiLength } from './wiki.ts';

/** Jira Data Center: REST v2, rich text as wiki markup, people by user key, the changelog with the issue. */
export function createDcSite(client: DcClient, options: JiraDataCenterOptions): JiraSite {
  const person = (user: unknown) => personOf(user, options);
  const mine = askOnce(async () => {
    const answer = await client({ method: 'GET', path: ['api', '2', 'myself'] });
    return person(parse(account, answer, 'myself'));
  });
  const me = mine.get;
  const userBy = (key: string) => client({ method: 'GET', path: ['api', '2', 'user'], query: { key } });
  const issueWithHistories: JiraSite['issueWithHistories'] = async (key) => {
    const answer = await readIssue(client, key, { expand: 'changelog' });
    if (answer === undefined) return undefined;
    const { changelog, ...issue } = parse(expanded, answer, 'issue');
    return { issue, histories: historiesIn(changelog, key) };
  };
  const of = (key: string, ...rest: string[]) => ['api', '2', 'issue', key, ...rest];
  return {
    options,
    me,
    self: async () => options.botAccount ?? (await me()).account,
    person,
    lookUp: async (key) => person(await userBy(key)),
    async userReference(key) {
      return { name: parse(account, await userBy(key), 'user').name };
    },
    richText: toWiki,
    lengthOf: wikiLength,
    linesOf,

    issue: (key) => readIssue(client, key, {}),
    histories: async (key) => (await issueWithHistories(key))?.histories ?? [],
    issueWithHistories,
    async createIssue(request) {
      const answer = await client({ method: 'POST', path: ['api', '2', 'issue'], body: written(request) });
      return parse(created, answer, 'the new issue');
    },
    async editIssue(key, request) {
      await client({ method: 'PUT', path: of(key), body: written(request) });
    },
    async transitions(key) {
      const answer = await client({ method: 'GET', path: of(key, 'transitions') });
      return transitionsIn(answer);
    },
    async transition(key, id) {
      const body = { transition: { id: jiraId(id) } };
      await client({ method: 'POST', path: of(key, 'transitions'), body });
    },
    search: (query) => searchFor(client, query, person),
    comments: (key) =>
      commentsIn({ linesOf, person }, (page) =>
        client({ method: 'GET', path: of(key, 'comment'), query: { orderBy: '-created', ...page } }),
      ),
    async addComment(key, blocks) {
      await client({ method: 'POST', path: of(key, 'comment'), body: { body: toWiki(blocks) } });
    },
    async editComment(key, id, blocks) {
      await client({ method: 'PUT', path: of(key, 'comment', jiraId(id)), body: { body: toWiki(blocks) } });
    },
    async attachments(key) {
      const answer = await client({ method: 'GET', path: of(key), query: { fields: 'attachment' } });
      return attachmentsIn({ person }, answer);
    },
    async attach(key, file) {
      const body = new FormData();
      body.append('file', new Blob([new Uint8Array(file.content)], { type: file.mediaType }), file.name);
      const headers = { 'x-atlassian-token': 'no-check' };
      await client({ method: 'POST', path: of(key, 'attachments'), headers, body });
    },
    async putLink(key, { globalId, relationship, url, title, resolved }) {
      const body = { globalId, relationship, object: { url, title, status: { resolved } } };
      await client({ method: 'POST', path: of(key, 'remotelink'), body });
    },
    // Data Center shows them to administrators alone.
    groupMembers: (groupname) =>
      usersIn(groupname, (page) =>
        client({
          method: 'GET',
          path: ['api', '2', 'group', 'member'],
          query: { groupname, includeInactiveUsers: false, ...page },
        }),
      ),
    ...surroundingsOf(client, options),
  };
}

/**
 * Data Center does not tell people from machines: whoever is neither our own account nor among those that are configured as
 * machines' counts as a person. Whether that person may decide is asked of the people who are known.
 */
function personOf(user: unknown, { botAccount, machineAccounts = [] }: JiraDataCenterOptions): Person {
  const { key = '', displayName, active = false } = named.safeParse(user).data ?? {};
  const isMachine = key === botAccount || machineAccounts.includes(key);
  return {
    account: key,
    ...(displayName === undefined ? {} : { name: displayName }),
    kind: key === '' ? 'other' : isMachine ? 'app' : 'person',
    active,
  };
}

async function readIssue(client: DcClient, key: string, query: { expand?: string }): Promise<unknown> {
  try {
    return await client({
      method: 'GET',
      path: ['api', '2', 'issue', key],
      query: { fields: 'status,project,issuetype', properties: BINDING, ...query },
    });
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

function written({ fields, properties = [], update }: IssueRequest): IssueRequest {
  return { fields, properties, ...(update === undefined ? {} : { update }) };
}

const account = z.looseObject({ key: z.string(), name: z.string() });

const named = z.object({
  key: z.string().optional(),
  displayName: z.string().optional(),
  active: z.boolean().optional(),
});

const expanded = z.looseObject({ changelog: z.unknown() });
