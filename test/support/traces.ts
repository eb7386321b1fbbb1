import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { reader } from '#test/sandbox/house/actors.ts';
import { ask } from '#test/sandbox/house/http.ts';
import type { Found } from './leak-finder.ts';
import type { Story } from './story.ts';

/*
 * Everything that a house leaves behind where people, other systems or other processes can see it.
 */

/** Every row of every table, the queue's and the log's too, as JSON text; bytes in hexadecimal. */
export async function tracesInDatabase(story: Story): Promise<Found[]> {
  const tables = await story.query<{ schema: string; name: string }>(
    `select table_schema as schema, table_name as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const found: Found[] = [];
  for (const { schema, name } of tables) {
    const rows = await story.query<{ row: string }>(
      `select to_jsonb(t)::text as row from "${schema}"."${name}" t`,
    );
    found.push(...rows.map(({ row }) => ({ place: `table ${schema}.${name}`, content: row })));
  }
  return found;
}

/** Every page that can be reached from the list of changes, as HTML and as JSON, live logs as streams; and what machines read. */
export async function tracesOnPages(story: Story): Promise<{ found: Found[]; cookie: string }> {
  const { cookie } = await reader(story);
  const found: Found[] = [];
  const seen = new Set<string>();
  const waiting = ['/changes', '/log', '/log/checkpoint', '/login', '/metrics', '/readyz', '/healthz'];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const accept of ['text/html', 'application/json']) {
      const answer = await fetch(story.serverUrl + path, { headers: { cookie, accept } });
      const body = await answer.text();
      if (answer.status >= 500) throw new Error(`${path} answered ${answer.status}`);
      const headers = JSON.stringify([...answer.headers]);
      found.push({ place: `page ${path} as ${accept}`, content: `${headers}\n${body}` });
      if (accept === 'text/html') waiting.push(...linksIn(body, path));
    }
  }
  const streams = [...seen].filter((path) => /\/runs\/[^/]+\/log$/.test(path));
  for (const path of streams) {
    const answer = await fetch(`${story.serverUrl}${path}/events`, { headers: { cookie } });
    found.push({ place: `stream ${path}/events`, content: await answer.text() });
  }
  return { found, cookie };
}

function linksIn(body: string, base: string): string[] {
  const hrefs = [...body.matchAll(/ (?:href|src)="([^"]+)"/g)].map(([, href = '']) =>
    href.replaceAll('&amp;', '&'),
  );
  const own = hrefs.map((href) => new URL(href, `http://own${base}`)).filter(({ host }) => host === 'own');
  return own.map(({ pathname, search }) => pathname + search).filter((path) => !path.startsWith('/assets/'));
}

/** What the service told GitLab and JIRA, and what stands there now. Terraform's own traffic with its state is not among it. */
export async function tracesElsewhere(story: Story, iids: readonly number[]): Promise<Found[]> {
  const { gitlabUrl, jiraUrl, scene, erin, adamInJira } = story;
  const asked = await ask<GitlabRequest[]>(`${gitlabUrl}/sandbox/requests`);
  const askedJira = await ask<JiraRequest[]>(`${jiraUrl}/sandbox/requests`);
  const found: Found[] = [
    ...asked
      .filter(
        ({ user, path }) => user?.startsWith('countersign') === true && !path.includes('/terraform/state/'),
      )
      .map((request) => ({
        place: `GitLab ${request.method} ${request.path}`,
        content: JSON.stringify(request),
      })),
    ...askedJira
      .filter(({ accountId }) => accountId === scene.jira.bot.accountId)
      .map((request) => ({
        place: `JIRA ${request.method} ${request.path}`,
        content: JSON.stringify(request),
      })),
  ];
  for (const iid of iids) {
    const { approval_id: key, state } = await story.changeOf(iid);
    const sha = state.revision?.headSha ?? '';
    const places = [
      `/merge_requests/${iid}`,
      `/merge_requests/${iid}/notes`,
      `/repository/commits/${sha}/statuses`,
    ];
    if (state.release.tag !== undefined)
      places.push(`/repository/tags/${encodeURIComponent(state.release.tag)}`);
    for (const path of places)
      found.push({ place: `GitLab ${path}`, content: JSON.stringify(await erin.asked(path)) });
    if (key === null) continue;
    for (const path of [
      '?fields=*all&expand=renderedFields,changelog&properties=*all',
      '/comment',
      '/remotelink',
    ])
      found.push({
        place: `JIRA ${key}${path}`,
        content: JSON.stringify(await adamInJira.asked(`/issue/${key}${path}`)),
      });
    for (const { id, filename } of (await story.issue(key)).fields.attachment)
      found.push({ place: `JIRA ${key} ${filename}`, content: await attachment(story, id) });
  }
  return found;
}

interface GitlabRequest {
  method: string;
  path: string;
  user: string | null;
}

interface JiraRequest {
  method: string;
  path: string;
  accountId: string | null;
}

async function attachment({ jiraUrl, scene }: Story, id: string): Promise<string> {
  const { email, jira } = scene.players.adam;
  const authorization = `Basic ${Buffer.from(`${email}:${jira.token}`).toString('base64')}`;
  const answer = await fetch(`${jiraUrl}/rest/api/3/attachment/content/${id}`, {
    headers: { authorization },
  });
  if (!answer.ok) throw new Error(`attachment ${id} answered ${answer.status}`);
  return answer.text();
}

/** Every file below a folder but what lies below the left-out ones. */
export async function tracesInFiles(folder: string, leftOut: readonly string[] = []): Promise<Found[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const wanted = files.filter(
    (file) => !leftOut.some((each) => file === each || file.startsWith(`${each}/`)),
  );
  return Promise.all(
    wanted.map(async (file) => ({ place: `file ${relative(folder, file)}`, content: await readFile(file) })),
  );
}

/** Argument lists, which anybody on the machine may read: asked over and over until stopped. */
export function watchArguments(): { stop(): Promise<Found[]> } {
  const seen = new Map<string, string>();
  const look = async () => {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    await Promise.all(
      pids.map(async (pid) => {
        const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        if (text !== '' && !seen.has(text))
          seen.set(text, await readlink(`/proc/${pid}/exe`).catch(() => 'a program'));
      }),
    );
  };
  let stopped = false;
  const looking = (async () => {
    while (!stopped) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await looking;
      return [...seen].map(([content, program]) => ({ place: `arguments of ${program}`, content }));
    },
  };
}

/** What another user of the machine reads of everybody's environment; root alone can ask as somebody else. */
export async function environmentsAsSeenBy(uid: number): Promise<Found[]> {
  const { stdout } = await promisify(execFile)(
    '/bin/sh',
    ['-c', 'cat /proc/[0-9]*/environ 2>/dev/null; true'],
    {
      uid,
      gid: uid,
      env: {},
      cwd: '/',
      maxBuffer: 64 * 1024 ** 2,
    },
  );
  return [{ place: 'environments as another user reads them', content: stdout }];
}
