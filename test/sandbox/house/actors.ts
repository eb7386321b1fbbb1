import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ask, post } from './http.ts';
import { jiraApi, jiraCredentials } from './jira-flavour.ts';
import type { House } from './house.ts';
import type { Player } from './scene.ts';

const run = promisify(execFile);

export interface MergeRequest {
  iid: number;
  web_url: string;
  sha: string;
  state: string;
  merge_commit_sha: string | null;
}

export interface Note {
  id: number;
  body: string;
  system: boolean;
  author: { id: number; username: string };
}

export interface Tag {
  name: string;
  message: string;
  target: string;
  commit: { id: string };
}

/** What an engineer or operator does on GitLab, with their own token. */
export function gitlabAs(house: House, player: Player) {
  const api = `${house.gitlabUrl}/api/v4/projects/${house.scene.project.id}`;
  const headers = { 'private-token': player.gitlab.token };
  const asked = <T>(path: string, method = 'GET', body?: unknown) =>
    ask<T>(`${api}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  return {
    asked,
    /** Pushes files to a branch with real git; a content of `null` removes the file. Returns the new head. */
    push: (
      branch: string,
      files: Record<string, string | null>,
      options?: { from?: string; message?: string; force?: boolean },
    ) => pushWithGit(house, player, branch, files, options ?? {}),
    open: (branch: string, title: string, target = 'main') =>
      asked<MergeRequest>('/merge_requests', 'POST', { source_branch: branch, target_branch: target, title }),
    mergeRequest: (iid: number) => asked<MergeRequest>(`/merge_requests/${iid}`),
    /** Edits the description, as the pencil beside the title does. */
    describe: (iid: number, description: string) =>
      asked<MergeRequest>(`/merge_requests/${iid}`, 'PUT', { description }),
    comment: (iid: number, body: string) => asked<Note>(`/merge_requests/${iid}/notes`, 'POST', { body }),
    close: (iid: number) => asked<MergeRequest>(`/merge_requests/${iid}`, 'PUT', { state_event: 'close' }),
    notes: (iid: number) => asked<Note[]>(`/merge_requests/${iid}/notes?sort=asc&per_page=100`),
    tag: (name: string) => asked<Tag>(`/repository/tags/${encodeURIComponent(name)}`),
  };
}

async function pushWithGit(
  house: House,
  player: Player,
  branch: string,
  files: Record<string, string | null>,
  {
    from = 'main',
    message = 'Change the network',
    force = false,
  }: { from?: string; message?: string; force?: boolean },
): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-push-'));
  const url = new URL(house.scene.project.url);
  url.username = player.gitlab.username;
  url.password = player.gitlab.token;
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...identity(player),
  };
  const git = async (...args: string[]) => (await run('git', args, { cwd: dir, env })).stdout.trim();
  try {
    await git('clone', '--quiet', '--no-checkout', url.href, '.');
    const known = await git('branch', '-r', '--list', `origin/${branch}`);
    await git(
      'checkout',
      '--quiet',
      '-B',
      branch,
      known === '' || force ? `origin/${from}` : `origin/${branch}`,
    );
    for (const [path, content] of Object.entries(files)) {
      if (content === null) await git('rm', '--quiet', path);
      else {
        await mkdir(dirname(join(dir, path)), { recursive: true });
        await writeFile(join(dir, path), content);
      }
    }
    await git('add', '--all');
    await git('commit', '--quiet', '--message', message);
    await git('push', '--quiet', ...(force ? ['--force'] : []), 'origin', branch);
    return await git('rev-parse', 'HEAD');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function identity({ name, email }: Player): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
  };
}

export interface Issue {
  key: string;
  fields: {
    status: { id: string; name: string };
    summary: string;
    labels: string[];
    attachment: { filename: string; id: string }[];
    description?: unknown;
  };
}

export interface History {
  id: string;
  items: { field: string; toString: string }[];
}

/** What somebody does in JIRA, with their own token. */
export function jiraAs(house: House, player: Pick<Player, 'email' | 'jira'>) {
  const headers = jiraCredentials(house.jira, { email: player.email, token: player.jira.token });
  const api = jiraApi(house);
  const asked = <T>(path: string, method = 'GET', body?: unknown) =>
    ask<T>(`${api}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  return {
    asked,
    issue: (key: string) => asked<Issue>(`/issue/${key}`),
    /** Moves the ticket to a status by its name, as the buttons on its page do. */
    async move(key: string, status: string): Promise<void> {
      const { transitions } = await asked<{ transitions: { id: string; to: { name: string } }[] }>(
        `/issue/${key}/transitions`,
      );
      const wanted = transitions.find(({ to }) => to.name === status);
      if (wanted === undefined) throw new Error(`${player.email} is offered no move of ${key} to ${status}`);
      await post(`${api}/issue/${key}/transitions`, { transition: { id: wanted.id } }, headers);
    },
    /** What the ticket's comments say; wiki text without its escapes. */
    async comments(key: string): Promise<{ comments: { body: unknown }[] }> {
      const { comments } = await asked<{ comments: { body: unknown }[] }>(`/issue/${key}/comment`);
      return {
        comments: comments.map(({ body }) => ({
          body: typeof body === 'string' ? body.replaceAll(/\\([!-/:-@[-`{-~])/g, '$1') : body,
        })),
      };
    },
    /** The ticket's changelog, oldest first. */
    async histories(key: string): Promise<History[]> {
      if (house.jira === 'cloud')
        return (await asked<{ values: History[] }>(`/issue/${key}/changelog`)).values;
      return (await asked<{ changelog: { histories: History[] } }>(`/issue/${key}?expand=changelog`))
        .changelog.histories;
    },
  };
}

/** A person who reads Countersign's own pages, as JSON. */
export async function reader(house: House, person = 'adam') {
  const answer = await fetch(`${house.serverUrl}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: house.serverUrl },
    body: new URLSearchParams({ person }).toString(),
  });
  const cookie = (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  if (cookie === '') throw new Error(`login as ${person} answered ${answer.status}`);
  const headers = { cookie, accept: 'application/json' };
  const get = <T>(path: string) => ask<T>(`${house.serverUrl}${path}`, { headers });
  return { cookie, get };
}
