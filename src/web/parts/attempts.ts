import type { AttemptView } from '#views/attempts.ts';
import { type Html, html } from '../html.ts';
import { chip } from './chip.ts';
import { duration, moment, path, person, short } from './text.ts';
import { runPath } from './timeline.ts';

/** Every run of `terraform apply` of a change, with what it was given and what it left. */
export function attempts(changeId: string, rows: readonly AttemptView[]): Html {
  return html`<div class="scroll"><table class="grid">
<thead><tr><th scope="col">Outcome</th><th scope="col">Project</th><th scope="col">On whose word</th><th scope="col">Started</th><th scope="col">Took</th><th scope="col">State serial</th><th scope="col">Bundle</th><th scope="col">Log</th></tr></thead>
<tbody>${rows.map(
    (each) => html`<tr>
<td>${chip(each.outcome ?? each.status)}${each.reason !== undefined && html`<p class="remedy">${each.reason}</p>`}${each.resolution !== undefined && html`<p class="remedy">resolved as ${each.resolution.as}${each.resolution.by && html` by ${person(each.resolution.by)}`}</p>`}</td>
<td>${path(each.project)}</td>
<td>${each.commandedBy === undefined ? 'approval' : person(each.commandedBy)}</td>
<td class="nowrap">${moment(each.startedAt ?? each.claimedAt)}</td>
<td class="nowrap">${duration(each.startedAt ?? each.claimedAt, each.endedAt)}</td>
<td class="nowrap">${each.serialBefore ?? '–'} → ${each.serialAfter ?? '–'}</td>
<td>${short(each.bundleHash)}</td>
<td class="nowrap"><a href="${runPath(changeId, each.id)}">${each.endedAt === undefined ? 'follow live' : 'log'}</a></td>
</tr>`,
  )}</tbody>
</table></div>`;
}
