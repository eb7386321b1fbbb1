import { textOf } from '../json.ts';
import { html, raw } from 'hono/html';
import { maySeeComment } from '../changes/comments.ts';
import { transitionsFor } from '../changes/transitions.ts';
import { hasProjectPermission } from '../model/permissions.ts';
import { issueLinkTypes, priorities, resolutions, type Site } from '../model/site.ts';
import type { ChangeItem, Issue, User } from '../model/types.ts';
import type { WorkflowTransition } from '../model/workflow.ts';
import { isRichText, toHtml } from '../text/rich-text.ts';
import { avatar, lozenge, type Markup, moment, page, person } from './layout.ts';

/** One issue as `user` sees it, with the moves that this user may make. */
export function issuePage(site: Site, user: User, issue: Issue, problem: string | null): Markup {
  const status = site.status(issue.statusId);
  const project = site.projectOf(issue);
  return page(
    `[${issue.key}] ${issue.summary}`,
    user,
    html`<div class="crumbs"><a href="/">Projects</a> / ${project.name} / <a href="/browse/${issue.key}">${issue.key}</a></div>
<h1>${issue.summary}</h1>
${problem === null ? '' : html`<div class="problem" role="alert">${problem}</div>`}
<div class="columns"><div>
<div class="actions">${lozenge(status)} ${transitionsFor(site, user, issue).map((transition) => moveForm(issue, transition))}</div>
<h2>Description</h2>
<div class="rich">${issue.description === null ? html`<p class="empty">No description</p>` : raw(toHtml(issue.description))}</div>
${customFields(site, issue)}
${attachments(issue)}
${links(site, issue)}
${comments(site, user, issue)}
${history(site, issue)}
</div>${details(site, issue)}</div>`,
  );
}

/** A plain button, or one that opens the transition's screen when there is something to fill in. */
function moveForm(issue: Issue, transition: WorkflowTransition): Markup {
  const action = `/browse/${issue.key}/transitions/${transition.id}`;
  if (transition.screen === undefined) {
    return html`<form method="post" action="${action}"><button>${transition.name}</button></form>`;
  }
  return html`<details class="move"><summary class="button">${transition.name}</summary>
<form method="post" action="${action}" class="dialog">
${transition.screen.some(({ fieldId }) => fieldId === 'resolution') ? resolutionSelect() : ''}
<p><label>Comment<textarea name="comment"></textarea></label></p>
<button class="primary">${transition.name}</button></form></details>`;
}

function resolutionSelect(): Markup {
  return html`<p><label>Resolution <select name="resolution"><option value=""></option>${resolutions.map(
    ({ name }) => html`<option>${name}</option>`,
  )}</select></label></p>`;
}

function customFields(site: Site, issue: Issue): Markup[] {
  return [...site.customFields.values()].flatMap((field) => {
    const value = issue.custom[field.id];
    return isRichText(value)
      ? [html`<h2>${field.name}</h2><div class="rich">${raw(toHtml(value))}</div>`]
      : [];
  });
}

/** Fields of one line, beside the others. */
function shortFields(site: Site, issue: Issue): Markup[] {
  return [...site.customFields.values()].flatMap((field) => {
    const value = issue.custom[field.id] ?? null;
    if (value === null || isRichText(value)) return [];
    const texts = [value].flat().map(textOf);
    return [
      html`<dt>${field.name}</dt><dd>${texts.map((each) => site.users.get(each)?.displayName ?? each).join(', ')}</dd>`,
    ];
  });
}

function attachments(issue: Issue): Markup | string {
  if (issue.attachments.length === 0) return '';
  return html`<h2>Attachments (${issue.attachments.length})</h2>${issue.attachments.map(
    (file) =>
      html`<div class="file"><a href="/secure/attachment/${file.id}/${encodeURIComponent(file.filename)}">${file.filename}</a>
<span>${size(file.content.length)}</span><span>${moment(file.created)}</span></div>`,
  )}`;
}

function size(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} KB`;
}

function links(site: Site, issue: Issue): Markup | string {
  const remote = issue.remoteLinks.map((link) => {
    const web = /^https?:/i.test(link.object.url);
    const title = web
      ? html`<a href="${link.object.url}" rel="noreferrer">${link.object.title}</a>`
      : link.object.title;
    return html`<div class="file"><span>${link.relationship ?? 'links to'}</span> ${title}</div>`;
  });
  const internal = [...site.issueLinks.values()].flatMap((link) => {
    const type = issueLinkTypes.find(({ id }) => id === link.typeId);
    const isOutward = link.inwardIssueId === issue.id;
    if (!isOutward && link.outwardIssueId !== issue.id) return [];
    const other = site.issues.get(isOutward ? link.outwardIssueId : link.inwardIssueId);
    if (other === undefined) return [];
    return [
      html`<div class="file"><span>${isOutward ? type?.outward : type?.inward}</span>
<a href="/browse/${other.key}">${other.key}</a> ${other.summary} ${lozenge(site.status(other.statusId))}</div>`,
    ];
  });
  return remote.length + internal.length === 0 ? '' : html`<h2>Linked work items</h2>${remote}${internal}`;
}

function comments(site: Site, user: User, issue: Issue): Markup {
  const visible = issue.comments.filter((comment) => maySeeComment(site, user, comment));
  const mayComment = hasProjectPermission(site, user, site.projectOf(issue), 'ADD_COMMENTS');
  return html`<h2>Comments</h2>
${visible.map((comment) => {
  const author = site.users.get(comment.authorAccountId);
  return html`<div class="entry" id="comment-${comment.id}">${author === undefined ? html`<span></span>` : avatar(author, 32)}
<div><b>${author?.displayName}</b><span class="when">${moment(comment.created)}${comment.updated > comment.created ? ' · Edited' : ''}</span>
<div class="rich">${raw(toHtml(comment.body))}</div></div></div>`;
})}
${
  mayComment
    ? html`<form method="post" action="/browse/${issue.key}/comments"><p><textarea name="comment" aria-label="Add a comment" placeholder="Add a comment…"></textarea></p><button class="primary">Save</button></form>`
    : ''
}`;
}

function history(site: Site, issue: Issue): Markup {
  return html`<h2 id="history">History</h2>
${issue.histories.toReversed().map((entry) => {
  const author = site.users.get(entry.authorAccountId);
  return html`<div class="entry">${author === undefined ? html`<span></span>` : avatar(author, 32)}
<div><b>${author?.displayName ?? entry.authorAccountId}</b><span class="when">${moment(entry.created)}</span>${entry.items.map(change)}</div></div>`;
})}
<div class="entry"><span></span><div><b>${site.users.get(issue.creatorAccountId)?.displayName}</b> created the issue<span class="when">${moment(issue.created)}</span></div></div>`;
}

function change(item: ChangeItem): Markup {
  return html`<div class="change">changed <b>${item.field}</b>: <pre>${item.fromString ?? 'None'} → ${item.toString ?? 'None'}</pre></div>`;
}

function details(site: Site, issue: Issue): Markup {
  const user = (accountId: string | null) => person(accountId === null ? null : site.users.get(accountId));
  const issueType = site.projectOf(issue).issueTypes.find(({ id }) => id === issue.issueTypeId);
  return html`<aside><h2>Details</h2><dl>
<dt>Status</dt><dd>${lozenge(site.status(issue.statusId))}</dd>
<dt>Type</dt><dd>${issueType?.name}</dd>
<dt>Assignee</dt><dd>${user(issue.assigneeAccountId)}</dd>
<dt>Reporter</dt><dd>${user(issue.reporterAccountId)}</dd>
<dt>Labels</dt><dd>${issue.labels.length === 0 ? 'None' : issue.labels.map((label) => html`<span class="label">${label}</span>`)}</dd>
${issue.components.length === 0 ? '' : html`<dt>Components</dt><dd>${issue.components.join(', ')}</dd>`}
${issue.parentKey === null ? '' : html`<dt>Parent</dt><dd><a href="/browse/${issue.parentKey}">${issue.parentKey}</a></dd>`}
${issue.dueDate === null ? '' : html`<dt>Due</dt><dd>${issue.dueDate}</dd>`}
${shortFields(site, issue)}
<dt>Priority</dt><dd>${priorities.find(({ id }) => id === issue.priorityId)?.name}</dd>
<dt>Resolution</dt><dd>${resolutions.find(({ id }) => id === issue.resolutionId)?.name ?? 'Unresolved'}</dd>
<dt>Created</dt><dd>${moment(issue.created)}</dd>
<dt>Updated</dt><dd>${moment(issue.updated)}</dd>
</dl></aside>`;
}
