import type { DebtRow } from '#views/list-debts.ts';
import { type Html, html } from '../html.ts';
import { moment, path } from './text.ts';

/** What was applied in an emergency and nobody has approved yet: above everything else, since it waits for somebody. */
export function debtsPart(debts: readonly DebtRow[]): Html {
  return html`<section class="note warning" aria-labelledby="debts"><h2 id="debts">Applied in an emergency, still to be approved</h2>
<div class="scroll"><table class="grid">
<thead><tr><th scope="col">Approval</th><th scope="col">Change</th><th scope="col">Projects</th><th scope="col">Why</th><th scope="col">Applied</th><th scope="col">Due</th></tr></thead>
<tbody>${debts.map(row)}</tbody>
</table></div></section>`;
}

function row(debt: DebtRow): Html {
  const { changeId, iid, projects, ticketKey, title } = debt;
  return html`<tr>
<td class="nowrap"><code>${ticketKey}</code>${debt.rejections > 0 && html`<div><strong>rejected afterwards</strong></div>`}</td>
<td class="title"><a href="/changes/${encodeURIComponent(changeId)}">${title === '' ? changeId : title}</a><div class="muted">!${iid}</div></td>
<td>${projects.slice(0, 3).map((key) => html`<div>${path(key)}</div>`)}${projects.length > 3 && html`<div class="muted">and ${projects.length - 3} more</div>`}</td>
<td>${debt.reason}<div class="muted">asked by ${debt.askedBy}, confirmed by ${debt.confirmedBy}</div></td>
<td class="nowrap">${moment(debt.usedAt)}</td>
<td class="nowrap">${moment(debt.dueAt)}${debt.isOverdue && html`<div><strong>overdue</strong></div>`}</td>
</tr>`;
}
