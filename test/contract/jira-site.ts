import { type JiraDouble, startJira } from '#test/sandbox/jira/server.ts';
import type { OpenApiDocument } from './jira-openapi.ts';

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON; text when it is not JSON; null when empty. */
  body: unknown;
}

export type Person = 'bot' | 'approver' | 'engineer' | 'administrator' | 'nobody';

export interface JiraSite {
  jira: JiraDouble;
  /** A REST call as somebody; `path` starts with `/rest/` or is relative to `/rest/api/<version>`. */
  as(person: Person, method: string, path: string, body?: unknown): Promise<Answer>;
  sandbox(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Creates an issue as the bot and returns its key. */
  newIssue(fields?: Record<string, unknown>): Promise<string>;
  /** Makes a move as somebody; fails unless JIRA allows it. */
  move(person: Person, key: string, transitionId: string): Promise<void>;
  close(): Promise<void>;
}

const emails: Record<Person, string> = {
  bot: 'bot@example.com',
  approver: 'approver@example.com',
  engineer: 'engineer@example.com',
  administrator: 'administrator@example.com',
  nobody: 'nobody@example.com',
};

const groups: Record<Exclude<Person, 'nobody'>, string[]> = {
  bot: ['change-bots'],
  approver: ['change-approvers'],
  engineer: [],
  administrator: ['jira-administrators'],
};

export function authorization(person: Person): string {
  return `Basic ${Buffer.from(`${emails[person]}:token-of-${person}`).toString('base64')}`;
}

/**
 * A site with a bot, an approver, an engineer and an administrator (account ids are those words), and the project CHG.
 * With a document, every answer under `/rest/api` is checked against it, and a mismatch fails the call.
 */
export async function startSite(
  options: {
    version?: '2' | '3';
    document?: OpenApiDocument;
    searchLagMs?: number;
    edition?: 'cloud' | 'data-center';
  } = {},
): Promise<JiraSite> {
  const { version = '3', document, searchLagMs = 0, edition = 'cloud' } = options;
  const jira = await startJira({ searchLagMs, edition });
  const sandbox = (method: string, path: string, body?: unknown) =>
    request(`${jira.url}/sandbox${path}`, method, body, {});

  for (const [person, memberOf] of Object.entries(groups)) {
    const account = { accountId: person, displayName: `The ${person}`, email: `${person}@example.com` };
    await sandbox('POST', '/users', { ...account, apiToken: `token-of-${person}`, groups: memberOf });
  }
  await sandbox('POST', '/projects', { key: 'CHG', name: 'Changes', leadAccountId: 'administrator' });

  const as: JiraSite['as'] = async (person, method, path, body) => {
    const full = path.startsWith('/rest/') ? path : `/rest/api/${version}${path}`;
    const answer = await request(`${jira.url}${full}`, method, body, {
      authorization: edition === 'cloud' ? authorization(person) : `Bearer token-of-${person}`,
    });
    const problems = document?.problems(method, full.split('?')[0] ?? '', answer.status, answer.body) ?? [];
    if (problems.length > 0) throw new Error(`${method} ${full}: ${problems.join('; ')}`);
    return answer;
  };
  const newIssue: JiraSite['newIssue'] = async (fields = {}) => {
    const { body } = await as('bot', 'POST', '/issue', {
      fields: { project: { key: 'CHG' }, issuetype: { name: 'Change' }, summary: 'A change', ...fields },
    });
    return (body as { key: string }).key;
  };
  const move: JiraSite['move'] = async (person, key, transitionId) => {
    const { status } = await as(person, 'POST', `/issue/${key}/transitions`, {
      transition: { id: transitionId },
    });
    if (status !== 204)
      throw new Error(`JIRA refused transition ${transitionId} to the ${person}: ${status}`);
  };
  return { jira, as, sandbox, newIssue, move, close: () => jira.close() };
}

export function paragraph(text: string) {
  return { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] };
}

/** One file as a multipart form, under the part name JIRA wants. */
export function fileForm(name: string, content: string): FormData {
  const form = new FormData();
  form.append('file', new Blob([content], { type: 'text/plain' }), name);
  return form;
}

async function request(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer> {
  const content =
    body === undefined
      ? {}
      : body instanceof FormData
        ? { body, headers: { ...headers, 'x-atlassian-token': 'no-check' } }
        : { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
  const response = await fetch(url, { method, headers, redirect: 'manual', ...content });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text) };
}

function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
