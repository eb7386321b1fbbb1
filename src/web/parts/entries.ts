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
<td class="nowrap">${person(actor)}</td>
<td class="subject">${subjectOf(subject, shared)}</td>
<td class="nowrap">${index < covered ? html`<span class="tone-good">✓ signed</span>` : html`<span class="muted">next checkpoint</span>`}</td>
</tr>`,
  )}</tbody>
</table></div>`;
}

/** What an entry is about: its change first, by the merge request, then ticket, revision and whatever else it names. */
export function subjectOf(subject: Record<string, string>, shared: readonly string[] = []): Html {
  const { changeId, mergeRequest, ...others } = subject;
  const iid = mergeRequest?.split('!').at(-1);
  const change =
    changeId === undefined || shared.includes('changeId')
      ? undefined
      : html`<a class="id" href="/changes/${encodeURIComponent(changeId)}" title="${changeId}">${iid === undefined ? changeId : `!${iid}`}</a> `;
  const ids = Object.entries(others).filter(([key]) => !shared.includes(key));
  return html`${change}${ids.map(([key, value]) =>
    key === 'revision'
      ? html`<span class="id">revision ${value}</span> `
      : html`<span class="id" title="${key}">${value}</span> `,
  )}`;
}
