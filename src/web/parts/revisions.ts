import type { EarlierProject, EarlierRevision } from '#views/earlier-revisions.ts';
import { type Html, html } from '../html.ts';
import { chip } from './chip.ts';
import { counts } from './counts.ts';
import { moment, path, short } from './text.ts';
import { runPath } from './timeline.ts';

/** Versions that were superseded: what was planned of each, folded away, newest first. */
export function revisions(changeId: string, earlier: readonly EarlierRevision[]): Html {
  return html`${earlier.map(
    (
      each,
    ) => html`<details class="resource"><summary>Revision ${each.number} · ${short(each.headSha)} <span class="muted">${moment(each.openedAt)} to ${moment(each.endedAt)}</span></summary>
<div class="scroll"><table>
<thead><tr><th scope="col">Project</th><th scope="col">Was</th><th scope="col">Plan</th><th scope="col">Output</th></tr></thead>
<tbody>${each.projects.map((project) => row(changeId, project))}</tbody>
</table></div></details>`,
  )}`;
}

function row(changeId: string, { approvedAt, counts: of, key, runId, status }: EarlierProject): Html {
  return html`<tr><td>${path(key)}</td><td>${chip(status)}${approvedAt !== undefined && html` <span class="muted">approved ${moment(approvedAt)}</span>`}</td>
<td>${of === undefined ? '–' : counts(of)}</td><td>${runId === undefined ? '–' : html`<a href="${runPath(changeId, runId)}">plan log</a>`}</td></tr>`;
}
