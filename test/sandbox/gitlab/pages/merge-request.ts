import { html, raw } from 'hono/html';
import { renderMarkdown } from '../markdown/render.ts';
import { detailedMergeStatus } from '../merge-status.ts';
import type { Award, MergeRequest, Note, Project } from '../model.ts';
import { headPipeline } from '../pipelines.ts';
import { projectPath, userById, type World } from '../world.ts';
import { type Html, page } from './layout.ts';
import type { Session } from './session.ts';

export function mergeRequestList(world: World, project: Project, session: Session | null): Promise<string> {
  const rows = project.mergeRequests.toReversed().map(
    (
      one,
    ) => html`<li><a href="${hrefOf(project, one)}"><b>${one.title}</b></a> <span class="badge ${one.state}">${one.state}</span>
<div class="meta">!${one.iid} · <code>${one.sourceBranch}</code> into <code>${one.targetBranch}</code> · ${userById(world, one.authorId).name} · updated ${ago(one.updatedAt)}</div></li>`,
  );
  const body = html`<h1>Merge requests</h1>${rows.length === 0 ? html`<p class="meta">None yet.</p>` : html`<ul class="rows">${rows}</ul>`}`;
  return page('Merge requests', session?.user ?? null, projectCrumb(project), body);
}

export function mergeRequestPage(
  world: World,
  project: Project,
  mergeRequest: MergeRequest,
  session: Session | null,
  said: string | undefined,
): Promise<string> {
  const author = userById(world, mergeRequest.authorId);
  const body = html`<h1>${mergeRequest.title} <span class="iid">!${mergeRequest.iid}</span></h1>
<p class="meta"><span class="badge ${mergeRequest.state}">${mergeRequest.state}</span> ${author.name} asks to merge <code>${mergeRequest.sourceBranch}</code> into <code>${mergeRequest.targetBranch}</code> at <a href="/${projectPath(project)}/-/commit/${mergeRequest.sha}"><code>${mergeRequest.sha.slice(0, 8)}</code></a></p>
${labels(mergeRequest)}
${mergeRequest.description === null ? '' : html`<div>${raw(renderMarkdown(mergeRequest.description))}</div>`}
${statusBar(world, project, mergeRequest, session)}
${mergeRequest.notes.map((note) => noteHtml(world, note))}
${commentForm(project, mergeRequest, session)}`;
  return page(mergeRequest.title, session?.user ?? null, projectCrumb(project), body, said);
}

export function projectCrumb(project: Project): Html {
  const path = projectPath(project);
  return html`<a href="/${path}">${path}</a> / <a href="/${path}/-/merge_requests">Merge requests</a>`;
}

function statusBar(
  world: World,
  project: Project,
  mergeRequest: MergeRequest,
  session: Session | null,
): Html {
  const status = detailedMergeStatus(world, mergeRequest);
  const head = headPipeline(world, mergeRequest)?.pipeline;
  const rows = project.statuses.filter((row) => row.sha === mergeRequest.sha && !row.retried);
  const approvals = mergeRequest.approvals.map((one) => userById(world, one.userId).name).join(', ');
  return html`<section class="bar" aria-label="State of the merge request">
<span class="grow"><span class="badge ${status}">${status}</span> ${head === undefined ? '' : html`<span class="badge ${head.status}">pipeline ${head.status}</span>`}
${rows.map((row) => html`<span class="meta">${row.targetUrl === null ? row.name : html`<a href="${row.targetUrl}">${row.name}</a>`}: ${row.status}${row.description === null ? '' : ` — ${row.description}`}</span> `)}
${approvals === '' ? '' : html`<span class="meta">approved by ${approvals}</span>`}</span>
${session === null || mergeRequest.state === 'merged' ? '' : actions(project, mergeRequest, session)}</section>`;
}

function actions(project: Project, mergeRequest: MergeRequest, session: Session): Html {
  const button = (action: string, label: string, style = '') =>
    html`<form method="post" action="${hrefOf(project, mergeRequest)}/${action}"><button class="${style}">${label}</button></form>`;
  if (mergeRequest.state === 'closed') return button('reopen', 'Reopen');
  const approved = mergeRequest.approvals.some((one) => one.userId === session.user.id);
  return html`${button(approved ? 'unapprove' : 'approve', approved ? 'Revoke approval' : 'Approve')} ${button('merge', 'Merge', 'go')} ${button('close', 'Close', 'stop')}`;
}

function commentForm(project: Project, mergeRequest: MergeRequest, session: Session | null): Html {
  if (session === null)
    return html`<p><a href="/-/login?return=${hrefOf(project, mergeRequest)}">Choose a user</a> to comment.</p>`;
  return html`<form method="post" action="${hrefOf(project, mergeRequest)}/notes"><label for="body"><b>Comment as ${session.user.name}</b></label>
<textarea id="body" name="body" required placeholder="countersign plan"></textarea><p><button class="go">Comment</button></p></form>`;
}

function noteHtml(world: World, note: Note): Html {
  const author = userById(world, note.authorId);
  if (note.system) {
    return html`<div class="system" id="note_${note.id}">${author.name} ${raw(renderMarkdown(note.body))}</div>`;
  }
  return html`<article class="note" id="note_${note.id}"><header><b>${author.name}</b> <span class="meta">@${author.username}${author.bot ? ' · bot' : ''}${note.internal ? ' · internal' : ''}</span>
<a class="meta" href="#note_${note.id}">${ago(note.createdAt)}${note.updatedAt === note.createdAt ? '' : ', edited'}</a> ${awards(note.awards)}</header>
<div>${raw(renderMarkdown(note.body))}</div></article>`;
}

/** By their names: whoever looks at this page may have no font for the signs. */
function awards(given: Award[]): Html[] {
  return given.map(({ name }) => html`<span class="award">${name.replaceAll('_', ' ')}</span>`);
}

function labels(mergeRequest: MergeRequest): Html | string {
  if (mergeRequest.labels.length === 0) return '';
  return html`<p>${mergeRequest.labels.map((label) => html`<span class="badge">${label}</span> `)}</p>`;
}

function hrefOf(project: Project, mergeRequest: MergeRequest): string {
  return `/${projectPath(project)}/-/merge_requests/${mergeRequest.iid}`;
}

function ago(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)}</time>`;
}
