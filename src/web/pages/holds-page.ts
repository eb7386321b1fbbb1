import type { HoldList, HoldRow } from '#views/list-holds.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import { chip } from '../parts/chip.ts';
import { ago, link, moment, path } from '../parts/text.ts';

/** Which projects belong to a change at present, who waits for them, and how each is let go. */
export function holdsPage({
  list,
  project,
  viewer,
}: {
  list: HoldList;
  project: string | undefined;
  viewer: string;
}): Html {
  const { rows, total } = list;
  return layout({
    title: 'Holds',
    viewer,
    section: 'holds',
    body: html`<div class="heading"><h1>Holds</h1><span class="muted">${total === 1 ? '1 project is held' : `${total} projects are held`}</span></div>
<p class="lead">A project belongs to one change from its apply on, or from its plan on where that is configured, so that no other change is applied in between.</p>
<form class="search narrow" action="/holds" role="search">
<label class="wide">Project<input type="search" name="project" value="${project}" placeholder="Part of its name" data-search><kbd aria-hidden="true">/</kbd></label>
<div class="actions"><button>Search</button>${project !== undefined && html`<a href="/holds">Clear</a>`}</div>
</form>
${rows.length === 0 ? nothing(project) : table(rows)}
${total > rows.length && html`<p class="muted">The first ${rows.length} are shown; search for a project to see others.</p>`}`,
  });
}

function nothing(project: string | undefined): Html {
  return project === undefined
    ? html`<div class="empty"><h2>Nothing is held.</h2><p>Every project is free to be planned and applied.</p></div>`
    : html`<div class="empty"><h2>No such project is held.</h2><p>It is free, or it has another name: <a href="/holds">see all holds</a>.</p></div>`;
}

function table(rows: readonly HoldRow[]): Html {
  return html`<div class="scroll"><table class="grid holds">
<thead><tr><th scope="col">Project</th><th scope="col">Held</th><th scope="col">By</th><th scope="col">Waiting for it</th><th scope="col">Let go</th></tr></thead>
<tbody>${rows.map(row)}</tbody>
</table></div>`;
}

function row({ project, from, quarantined, since, ageSeconds, holder, waiting, release }: HoldRow): Html {
  return html`<tr>
<td>${path(project)}${quarantined !== undefined && html`<div>${chip('quarantined')}</div><div class="muted">${quarantined}</div>`}</td>
<td class="nowrap">since its ${from}<div class="muted">${ago(ageSeconds)}, ${moment(since)}</div></td>
<td class="title">${changeLink(holder)}<div class="muted">${link(holder.url, `!${holder.iid}`)} · ${holder.requester}${holder.approvalId !== undefined && html` · ${holder.approvalId}`}</div><div>${chip(holder.status)}</div></td>
<td>${waiting.length === 0 ? html`<span class="muted">nobody</span>` : waiting.map((each) => html`<div>${changeLink(each)} <span class="muted">!${each.iid}</span></div>`)}</td>
<td>${release.byItself}${release.comment !== undefined && html`<div class="muted">Otherwise by ${release.who}, as a comment in ${link(holder.url, `!${holder.iid}`)}:</div><pre class="command">${release.comment}</pre>`}</td>
</tr>`;
}

function changeLink({ id, title }: { id: string; title: string }): Html {
  return html`<a href="/changes/${encodeURIComponent(id)}">${title === '' ? id : title}</a>`;
}
