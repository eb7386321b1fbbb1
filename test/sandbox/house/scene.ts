import { ask, post } from './http.ts';

/** A person of the sandbox, on both systems. */
export interface Player {
  id: string;
  name: string;
  email: string;
  roles: ('requester' | 'approver' | 'operator')[];
  gitlab: { id: number; username: string; token: string };
  jira: { accountId: string; token: string };
}

export interface Scene {
  players: Record<'erin' | 'adam' | 'olga' | 'mia', Player>;
  project: { id: number; path: string; url: string };
  bot: { id: number; token: string };
  cloneToken: string;
  stateTokens: { plan: string; apply: string };
  jira: { bot: { accountId: string; email: string; token: string }; admin: { email: string; token: string } };
}

const CAST = {
  /** Asks for changes. */
  erin: { name: 'Erin Engineer', roles: ['requester'], level: 30, approver: false },
  /** Approves them. */
  adam: { name: 'Adam Approver', roles: ['approver'], level: 20, approver: true },
  /** Applies them where a command is needed. */
  olga: { name: 'Olga Operator', roles: ['operator'], level: 40, approver: false },
  /** Is everything at once, and must still not do everything to one change. */
  mia: { name: 'Mia Maintainer', roles: ['requester', 'approver', 'operator'], level: 40, approver: true },
} as const;

/** People, projects, tokens and permissions on both doubles: the firm that the sandbox plays. */
export async function setScene(
  gitlabUrl: string,
  jiraUrl: string,
  files: (project: number) => Record<string, string>,
): Promise<Scene> {
  const players = await makePlayers(gitlabUrl, jiraUrl);
  const project = await makeProject(gitlabUrl, files);
  for (const [key, { level }] of Object.entries(CAST)) {
    await post(`${gitlabUrl}/sandbox/members`, { user: key, project: project.id, access_level: level });
  }
  const bot = await makeBot(gitlabUrl, project.id, 'countersign', 40, ['api']);
  const clone = await makeBot(gitlabUrl, project.id, 'countersign-clone', 20, ['read_repository']);
  const planner = await makeBot(gitlabUrl, project.id, 'terraform-plan', 30, ['api']);
  const applier = await makeBot(gitlabUrl, project.id, 'terraform-apply', 40, ['api']);
  await protect(gitlabUrl, project.id, players.olga.gitlab.token);
  return {
    players,
    project,
    bot: { id: bot.id, token: bot.token },
    cloneToken: clone.token,
    stateTokens: { plan: planner.token, apply: applier.token },
    jira: await makeJiraAccounts(jiraUrl),
  };
}

async function makePlayers(gitlabUrl: string, jiraUrl: string): Promise<Scene['players']> {
  const entries = Object.entries(CAST).map(async ([key, { name, roles, approver }]) => {
    const email = `${key}@example.com`;
    const user = await post<{ id: number }>(`${gitlabUrl}/sandbox/users`, { username: key, name, email });
    const token = await post<{ token: string }>(`${gitlabUrl}/sandbox/tokens`, {
      user: key,
      scopes: ['api', 'write_repository'],
    });
    const account = await post<{ accountId: string; apiToken: string }>(`${jiraUrl}/sandbox/users`, {
      displayName: name,
      email,
      ...(approver ? { groups: ['change-approvers'] } : {}),
    });
    const player: Player = {
      id: key,
      name,
      email,
      roles: [...roles],
      gitlab: { id: user.id, username: key, token: token.token },
      jira: { accountId: account.accountId, token: account.apiToken },
    };
    return [key, player] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Scene['players'];
}

async function makeProject(
  gitlabUrl: string,
  files: (project: number) => Record<string, string>,
): Promise<Scene['project']> {
  const made = await post<{ id: number; http_url_to_repo: string; path_with_namespace: string }>(
    `${gitlabUrl}/sandbox/projects`,
    { path: 'infra/network', files: { 'README.md': 'Networks of the sandbox.\n' } },
  );
  // State addresses carry the project's number, which is known only now.
  await post(`${gitlabUrl}/sandbox/projects/${made.id}/commits`, {
    user: 'olga',
    branch: 'main',
    files: files(made.id),
    message: 'Networks as they are',
  });
  return { id: made.id, path: made.path_with_namespace, url: made.http_url_to_repo };
}

async function makeBot(
  gitlabUrl: string,
  project: number,
  name: string,
  level: number,
  scopes: string[],
): Promise<{ id: number; token: string }> {
  const made = await post<{ user: { id: number }; token: string }>(
    `${gitlabUrl}/sandbox/projects/${project}/bots`,
    {
      name,
      access_level: level,
      scopes,
    },
  );
  return { id: made.user.id, token: made.token };
}

/** Only maintainers, and so the service, may create release tags. */
async function protect(gitlabUrl: string, project: number, token: string): Promise<void> {
  const headers = { 'private-token': token };
  const body = { name: 'release/*', create_access_level: 40 };
  await ask(`${gitlabUrl}/api/v4/projects/${project}/protected_tags`, { method: 'POST', body, headers });
}

async function makeJiraAccounts(jiraUrl: string): Promise<Scene['jira']> {
  const bot = await post<{ accountId: string; email: string; apiToken: string }>(`${jiraUrl}/sandbox/users`, {
    displayName: 'Countersign',
    email: 'countersign@example.com',
    groups: ['change-bots'],
  });
  const admin = await post<{ email: string; apiToken: string }>(`${jiraUrl}/sandbox/users`, {
    displayName: 'JIRA Admin',
    email: 'jira-admin@example.com',
    groups: ['jira-administrators'],
  });
  await post(`${jiraUrl}/sandbox/projects`, { key: 'CHG', name: 'Infrastructure changes' });
  return {
    bot: { accountId: bot.accountId, email: 'countersign@example.com', token: bot.apiToken },
    admin: { email: 'jira-admin@example.com', token: admin.apiToken },
  };
}
