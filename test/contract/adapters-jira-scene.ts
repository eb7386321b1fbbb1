import type { JiraCall } from '#adapters/jira/attempts.ts';
import { createJiraCloud } from '#adapters/jira/cloud/jira-cloud.ts';
import { createJiraDataCenter } from '#adapters/jira/dc/jira-data-center.ts';
import type { JiraOptions } from '#adapters/jira/options.ts';
import type { TicketContent, Ticketing } from '#app/ports/ticketing.ts';
import { ask } from '#test/sandbox/house/http.ts';
import { defaultStatusIds } from '#test/sandbox/jira/model/default-workflow.ts';
import { type JiraDouble, startJira } from '#test/sandbox/jira/server.ts';

export const FLAVOURS = ['cloud', 'data-center'] as const;
export type Flavour = (typeof FLAVOURS)[number];

export const STATUS_IDS = {
  requested: defaultStatusIds.requested,
  'in-review': defaultStatusIds.inReview,
  approved: defaultStatusIds.approved,
  rejected: defaultStatusIds.rejected,
  applying: defaultStatusIds.applying,
  done: defaultStatusIds.done,
  failed: defaultStatusIds.failed,
  superseded: defaultStatusIds.superseded,
  expired: defaultStatusIds.expired,
};

export interface Player {
  accountId: string;
  name: string;
  email: string;
  apiToken: string;
}

/** The adapter of one flavour in front of the double of that flavour, with a bot and an approver. */
export interface Scene {
  flavour: Flavour;
  jira: JiraDouble;
  tickets: Ticketing;
  bot: Player;
  approver: Player;
  administrator: Player;
  calls: JiraCall[];
  /** The same adapter with other options, as the bot or as whoever has this token. */
  adapter(options: Partial<JiraOptions>, token?: string): Ticketing;
  /** A REST call as somebody, to the newest version that the flavour has. */
  rest<T>(who: Player, method: string, path: string, body?: unknown): Promise<T>;
  /** A call below `/rest/`. */
  raw<T>(who: Player, method: string, path: string, body?: unknown): Promise<T>;
  sandbox<T>(method: string, path: string, body?: unknown): Promise<T>;
  fault(body: Record<string, unknown>): Promise<void>;
  user(name: string, more?: { accountType?: string; groups?: string[] }): Promise<Player>;
  /** A ticket of ours that is in review; its key. */
  inReview(): Promise<string>;
  decide(key: string, verdict: 'approved' | 'rejected'): Promise<void>;
  issuesMade(): Promise<number>;
}

/** Data Center is under a path of its own, as many are. */
export async function setScene(flavour: Flavour): Promise<Scene> {
  const isCloud = flavour === 'cloud';
  const jira = await startJira({ edition: flavour, ...(isCloud ? {} : { contextPath: '/jira' }) });
  const origin = new URL(jira.url).origin;
  const calls: JiraCall[] = [];
  const sandbox: Scene['sandbox'] = (method, path, body = {}) =>
    ask(`${origin}/sandbox${path}`, { method, body });
  const user: Scene['user'] = async (name, more = {}) => {
    const email = `${name}@example.com`;
    const made = await sandbox<Player>('POST', '/users', { displayName: name, email, ...more });
    return { ...made, email };
  };
  const bot = await user('countersign', { accountType: 'app', groups: ['change-bots'] });
  const approver = await user('approver', { groups: ['change-approvers'] });
  const administrator = await user('administrator', { groups: ['jira-administrators'] });
  await sandbox('POST', '/projects', { key: 'CHG', name: 'Changes', components: ['Network', 'Storage'] });

  const adapter: Scene['adapter'] = (options, token = bot.apiToken) => {
    const common = {
      baseUrl: jira.url,
      projectKey: 'CHG',
      issueType: { name: 'Change' },
      statusIds: STATUS_IDS,
      indexLagMs: 3_000,
      onCall: (call: JiraCall) => calls.push(call),
      ...options,
    };
    return isCloud
      ? createJiraCloud({ ...common, email: bot.email, apiToken: token })
      : createJiraDataCenter({ ...common, token });
  };
  const tickets = adapter({ botAccount: bot.accountId });
  const raw: Scene['raw'] = (who, method, path, body) =>
    ask(`${jira.url}/rest/${path}`, {
      method,
      body,
      headers: {
        authorization: isCloud
          ? `Basic ${Buffer.from(`${who.email}:${who.apiToken}`).toString('base64')}`
          : `Bearer ${who.apiToken}`,
        ...(path.startsWith('servicedeskapi') ? { 'x-experimentalapi': 'opt-in' } : {}),
      },
    });
  const rest: Scene['rest'] = (who, method, path, body) =>
    raw(who, method, `api/${isCloud ? 3 : 2}${path}`, body);
  return {
    flavour,
    jira,
    tickets,
    bot,
    approver,
    administrator,
    calls,
    adapter,
    rest,
    raw,
    sandbox,
    user,
    async fault(body) {
      await sandbox('POST', '/faults', { count: 1, ...body });
    },
    async inReview() {
      const { key } = await tickets.open(request());
      await tickets.move(key, ['requested'], 'in-review');
      return key;
    },
    async decide(key, verdict) {
      const id = verdict === 'approved' ? '21' : '31';
      await rest(approver, 'POST', `/issue/${key}/transitions`, { transition: { id } });
    },
    async issuesMade() {
      const path = isCloud ? '/search/jql' : '/search';
      const found = await rest<{ issues: unknown[] }>(bot, 'POST', path, { jql: 'project = CHG' });
      return found.issues.length;
    },
  };
}

export function request(overrides: Partial<Parameters<Ticketing['open']>[0]> = {}) {
  const changeId = overrides.changeId ?? 'chg_1';
  return {
    changeId,
    number: 1,
    content: content('Apply !12 to network: 2 to add'),
    binding: { changeId, revision: 1, tupleHash: 'tuple-1' },
    ...overrides,
  };
}

export function content(summary: string): TicketContent {
  return { summary, body: [{ kind: 'paragraph', parts: [{ text: 'what would be done' }] }] };
}
