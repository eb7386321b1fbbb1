import { html, raw } from 'hono/html';
import { diffBetween, readCommit } from '../git/history.ts';
import { refNames, resolveCommit } from '../git/repository.ts';
import { listTags, readTag } from '../git/tags.ts';
import { renderMarkdown } from '../markdown/render.ts';
import type { Project } from '../model.ts';
import { projectPath, type World } from '../world.ts';
import { page } from './layout.ts';
import { projectCrumb } from './merge-request.ts';
import type { Session } from './session.ts';

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export async function projectList(world: World, session: Session | null): Promise<string> {
  const rows = [...world.projects.values()].map(
    (project) =>
      html`<li><a href="/${projectPath(project)}"><b>${projectPath(project)}</b></a> <span class="meta">${project.visibility} · ${project.mergeRequests.filter((one) => one.state === 'opened').length} open merge requests</span></li>`,
  );
  return page(
    'Projects',
    session?.user ?? null,
    html`Projects`,
    html`<h1>Projects</h1><ul class="rows">${rows}</ul>`,
  );
}

export async function loginPage(world: World, session: Session | null, back: string): Promise<string> {
  const rows = [...world.users.values()].map(
    (user) =>
      html`<li><form method="post" action="/-/login"><input type="hidden" name="username" value="${user.username}"><input type="hidden" name="return" value="${back}"><button>${user.name}</button> <span class="meta">@${user.username}${user.bot ? ' · bot' : ''}</span></form></li>`,
  );
  return page(
    'Choose a user',
    session?.user ?? null,
    html`Who are you?`,
    html`<h1>Act as</h1><ul class="rows">${rows}</ul>`,
  );
}

export async function projectPage(world: World, project: Project, session: Session | null): Promise<string> {
  const path = projectPath(project);
  const branches = await refNames(project.repository, 'heads');
  const tags = await listTags(project.repository);
  const body = html`<h1>${path}</h1><p><code>git clone ${world.url}/${path}.git</code></p>
<p><a href="/${path}/-/merge_requests">${project.mergeRequests.length} merge requests</a></p>
<h2>Branches</h2><ul class="rows">${branches.map((name) => html`<li><a href="/${path}/-/commit/${encodeURIComponent(name)}">${name}</a></li>`)}</ul>
<h2>Tags</h2><ul class="rows">${tags.map((tag) => html`<li><a href="/${path}/-/tags/${tag.name}">${tag.name}</a></li>`)}</ul>`;
  return page(path, session?.user ?? null, projectCrumb(project), body);
}

/** A commit by SHA or branch name, with its changes; undefined when there is none. */
export async function commitPage(
  project: Project,
  name: string,
  session: Session | null,
): Promise<string | undefined> {
  const sha =
    (await resolveCommit(project.repository, `refs/heads/${name}`)) ??
    (await resolveCommit(project.repository, name));
  const commit = sha === undefined ? undefined : await readCommit(project.repository, sha);
  if (commit === undefined) return undefined;
  const files = await diffBetween(project.repository, commit.parentIds[0] ?? EMPTY_TREE, commit.id);
  const diffs = files.map(
    (file) => html`<h3><code>${file.newPath}</code></h3>${raw(renderMarkdown(fenced(file.diff)))}`,
  );
  const body = html`<h1>${commit.title}</h1><dl><dt>Commit</dt><dd><code>${commit.id}</code></dd><dt>Author</dt><dd>${commit.authorName} &lt;${commit.authorEmail}&gt;</dd><dt>Date</dt><dd>${commit.committedDate}</dd></dl>
<pre>${commit.message}</pre>${diffs}`;
  return page(commit.title, session?.user ?? null, projectCrumb(project), body);
}

export async function tagPage(
  project: Project,
  name: string,
  session: Session | null,
): Promise<string | undefined> {
  const tag = await readTag(project.repository, name);
  if (tag === undefined) return undefined;
  const path = projectPath(project);
  const body = html`<h1>${tag.name}</h1><dl><dt>Commit</dt><dd><a href="/${path}/-/commit/${tag.commitId}"><code>${tag.commitId}</code></a></dd><dt>Made</dt><dd>${tag.createdAt ?? '—'}</dd></dl>
<pre>${tag.message ?? 'A lightweight tag.'}</pre>`;
  return page(tag.name, session?.user ?? null, projectCrumb(project), body);
}

function fenced(diff: string): string {
  const runs = [...diff.matchAll(/`+/g)].map((match) => match[0].length);
  const fence = '`'.repeat(Math.max(3, ...runs.map((length) => length + 1)));
  return `${fence}diff\n${diff}\n${fence}`;
}
