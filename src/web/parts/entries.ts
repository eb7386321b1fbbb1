import type { EntryRow } from '#views/audit-log.ts';
import { type Html, html } from '../html.ts';
import { moment, person } from './text.ts';

/** Entries of the audit log as rows; `covered` is the size the latest checkpoint signs. What all rows share is left out. */
export function entryTable(rows: readonly EntryRow[], covered: number, shared: readonly string[] = []): Html {
  return html`<div class="scroll"><table class="grid">
<thead><tr><th scope="col" class="number">Index</th><th scope="col">Time</th><th scope="col">Entry</th><th scope="col">Actor</th><th scope="col">Subject</th><th scope="col">Proof</th></tr></thead>
<tbody>${rows.map(
    ({ index, at, type, actor, subject }) => html`<tr>
<td class="number"><a href="/log/entries/${index}">${index}</a></td>
<td class="nowrap">${moment(at)}</td>
<td class="nowrap">${type}</td>
<td>${person(actor)}</td>
<td>${subjectOf(subject, shared)}</td>
<td class="nowrap">${index < covered ? html`<span class="tone-good">✓ signed</span>` : html`<span class="muted">next checkpoint</span>`}</td>
</tr>`,
  )}</tbody>
</table></div>`;
}

function subjectOf(subject: Record<string, string>, shared: readonly string[]): Html {
  const ids = Object.entries(subject).filter(([key]) => !shared.includes(key));
  return html`${ids.map(([key, value]) =>
    key === 'changeId'
      ? html`<a class="id" href="/changes/${encodeURIComponent(value)}">${value}</a> `
      : html`<span class="id" title="${key}">${value}</span> `,
  )}`;
}
