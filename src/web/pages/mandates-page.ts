import { KIND_NAMES, type Terms } from '#domain/mandate.ts';
import type { MandateList, MandateRow } from '#views/list-mandates.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import { chip } from '../parts/chip.ts';
import { link, moment, path, person } from '../parts/text.ts';

/** What is approved in advance and who is an operator for a time: each with its ticket, limits, uses and end. */
export function mandatesPage({ list: { rows }, viewer }: { list: MandateList; viewer: string }): Html {
  const inForce = rows.filter(({ state }) => state === 'in-force').length;
  return layout({
    title: 'Mandates',
    viewer,
    section: 'mandates',
    body: html`<div class="heading"><h1>Mandates</h1><span class="muted">${inForce === 1 ? '1 is in force' : `${inForce} are in force`}</span></div>
<p class="lead">Standing approvals let changes within their terms be applied with nobody asked; operator grants make somebody an operator for a time. Each is approved on a ticket of its own, which is read again whenever it matters.</p>
${rows.length === 0 ? html`<div class="empty"><h2>No mandates.</h2><p>Every change takes an approval of its own, and only those with the role are operators. <code>countersign mandate open</code> opens one.</p></div>` : table(rows)}`,
  });
}

function table(rows: readonly MandateRow[]): Html {
  return html`<div class="scroll"><table class="grid">
<thead><tr><th scope="col">Mandate</th><th scope="col">Ticket</th><th scope="col">For</th><th scope="col">Used</th><th scope="col">Until</th></tr></thead>
<tbody>${rows.map(row)}</tbody>
</table></div>`;
}

function row({ approver, name, requester, state, terms, ticket, used, why }: MandateRow): Html {
  return html`<tr>
<td class="title">${name}<div class="muted">${KIND_NAMES[terms.kind]}, asked for by ${person(requester)}</div><div>${chip(state)}</div>${why !== undefined && html`<div class="muted">${why}</div>`}</td>
<td>${ticket === undefined ? html`<span class="muted">none yet</span>` : link(ticket.url, ticket.key)}${approver !== undefined && html`<div class="muted">approved by ${person(approver)}</div>`}</td>
<td>${terms.projects.map((pattern) => html`<div>${path(pattern)}</div>`)}<div class="muted">${limits(terms)}</div></td>
<td>${used.ever === 0 ? html`<span class="muted">never</span>` : html`${used.ever} ${used.ever === 1 ? 'change' : 'changes'}<div class="muted">${used.lately} within 24 hours, the last ${moment(used.last)}</div>`}</td>
<td class="nowrap">${moment(terms.until)}</td>
</tr>`;
}

function limits(terms: Terms): string {
  const where = terms.repository === undefined ? [] : [`repository ${terms.repository}`];
  switch (terms.kind) {
    case 'operator-grant':
      return [terms.reason, ...where].join('; ');
    case 'standing-approval': {
      const { changesPerDay, destroys, replaces, resourcesPerChange } = terms.most;
      return [
        `tier ${terms.tier}`,
        ...where,
        ...(changesPerDay === undefined ? [] : [`at most ${changesPerDay} within 24 hours`]),
        ...(resourcesPerChange === undefined ? [] : [`at most ${resourcesPerChange} resources a change`]),
        `${destroys === 0 ? 'none' : `at most ${destroys}`} destroyed`,
        `${replaces === 0 ? 'none' : `at most ${replaces}`} replaced`,
      ].join(', ');
    }
  }
}
