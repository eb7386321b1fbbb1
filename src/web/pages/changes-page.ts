import type { ChangeFilters, ChangeList, ChangeRow } from '#views/list-changes.ts';
import type { DebtRow } from '#views/list-debts.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import { chip } from '../parts/chip.ts';
import { counts } from '../parts/counts.ts';
import { debtsPart } from '../parts/debts.ts';
import { moment, path, person, short, withCode } from '../parts/text.ts';

const STATUSES = [
  'new',
  'not-admitted',
  'opening-ticket',
  'planning',
  'held',
  'plan-failed',
  'no-changes',
  'nothing-touched',
  'awaiting-approval',
  'rejected',
  'expired',
  'gating',
  'blocked',
  'ready',
  'applying',
  'apply-failed',
  'apply-interrupted',
  'applied',
  'released',
  'applied-unmerged',
  'merged',
  'cancelled',
  'closed',
] as const;

/** All changes, with the form that finds some of them. */
export function changesPage({
  list,
  debts,
  filters,
  viewer,
}: {
  list: ChangeList;
  debts: readonly DebtRow[];
  filters: ChangeFilters;
  viewer: string;
}): Html {
  return layout({
    title: 'Changes',
    viewer,
    section: 'changes',
    body: html`<div class="heading"><h1>Changes</h1><span class="muted">${list.total === 1 ? '1 change' : `${list.total} changes`}</span></div>
${debts.length > 0 && debtsPart(debts)}
${searchForm(filters)}
${list.rows.length === 0 ? nothingFound(filters) : table(list.rows)}
${list.next !== undefined && html`<p class="pager"><a class="button" href="/changes?${nextQuery(filters, list.next)}">Older changes</a></p>`}`,
  });
}

function searchForm(filters: ChangeFilters): Html {
  return html`<form class="search" action="/changes" role="search">
<label class="wide">Search<input type="search" name="q" value="${filters.q}" placeholder="Title, approval id, !merge request, SHA, person, project" data-search><kbd aria-hidden="true">/</kbd></label>
<label>Approval id<input name="approval" value="${filters.approval}" autocomplete="off"></label>
<label>Merge request<input name="mr" value="${filters.mr}" placeholder="!12" autocomplete="off"></label>
<label>Person<input name="person" value="${filters.person}" autocomplete="off"></label>
<label>Project<input name="project" value="${filters.project}" autocomplete="off"></label>
<label>Status<select name="status"><option value="">Any</option>${STATUSES.map(
    (status) =>
      html`<option value="${status}" ${filters.status === status && html`selected`}>${status.replaceAll('-', ' ')}</option>`,
  )}</select></label>
<label>From<input type="date" name="from" value="${filters.from}"></label>
<label>To<input type="date" name="to" value="${filters.to}"></label>
<div class="actions"><button>Search</button>${isSearch(filters) && html`<a href="/changes">Clear</a>`}</div>
</form>`;
}

const isSearch = (filters: ChangeFilters): boolean =>
  Object.values(filters).some((value) => value !== undefined);

function nothingFound(filters: ChangeFilters): Html {
  if (isSearch(filters)) {
    return html`<div class="empty"><h2>Nothing matches.</h2><p>Every criterion must hold. Take one away, or <a href="/changes">see all changes</a>.</p></div>`;
  }
  return html`<div class="empty"><h2>No changes yet.</h2><p>Open a merge request that touches a Terraform project; it appears here once GitLab told us, or the sweep found it.</p></div>`;
}

function table(rows: readonly ChangeRow[]): Html {
  return html`<div class="scroll"><table class="grid changes">
<thead><tr><th scope="col">Status</th><th scope="col">Change</th><th scope="col">Approval</th><th scope="col">Projects</th><th scope="col">Plan</th><th scope="col">Next</th><th scope="col">Moved</th></tr></thead>
<tbody>${rows.map(row)}</tbody>
</table></div>`;
}

function row(change: ChangeRow): Html {
  const {
    id,
    title,
    mergeRequest,
    requester,
    approvalId,
    status,
    headSha,
    targetBranch,
    projects,
    updatedAt,
  } = change;
  return html`<tr>
<td>${chip(status)}</td>
<td class="title"><a href="/changes/${encodeURIComponent(id)}">${title === '' ? id : title}</a>
<div class="muted">!${mergeRequest.iid} · ${person(requester)}${targetBranch !== undefined && html` · into ${targetBranch}`}${headSha !== undefined && html` · ${short(headSha, 8)}`}</div></td>
<td class="nowrap">${approvalId === undefined ? html`<span class="muted">–</span>` : html`<code>${approvalId}</code>`}</td>
<td>${projects.slice(0, 2).map(({ key }) => html`<div>${path(key)}</div>`)}${projects.length > 2 && html`<div class="muted">and ${projects.length - 2} more</div>`}</td>
<td class="nowrap">${counts(change.counts)}</td>
<td class="next">${next(change)}</td>
<td class="nowrap">${moment(updatedAt)}</td>
</tr>`;
}

function next({ nextStep: { who, what, tone } }: ChangeRow): Html {
  return html`${(tone === 'attention' || tone === 'waiting') && html`<strong>${who}</strong> `}${withCode(what)}`;
}

function nextQuery(filters: ChangeFilters, cursor: string): string {
  const given = Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams([...given, ['cursor', cursor]]).toString();
}
