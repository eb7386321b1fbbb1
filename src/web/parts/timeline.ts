import type { TimelineItem } from '#views/timeline-item.ts';
import { type Html, html } from '../html.ts';
import { moment, withCode } from './text.ts';

/** What happened, newest first: whoever opens a change wants to know what came last. */
export function timeline(changeId: string, items: readonly TimelineItem[]): Html {
  return html`<ol class="timeline" reversed>${items.toReversed().map(
    ({ at, tone, what, detail, who, runId, entry }) => html`<li class="${tone}">
<div class="what">${what}</div>
${detail !== undefined && html`<div class="detail">${/^[0-9a-f]{40}$/.test(detail) ? html`<code>${detail.slice(0, 12)}</code>` : withCode(detail)}</div>`}
<div class="muted">${moment(at)}${who !== undefined && html` · ${who}`}${runId !== undefined && html` · <a href="${runPath(changeId, runId)}">log</a>`}${entry !== undefined && html` · <a class="nowrap" href="/log/entries/${entry}">entry ${entry}</a>`}</div>
</li>`,
  )}</ol>`;
}

/** Where the output of a plan run or an attempt is shown. */
export function runPath(changeId: string, runId: string): string {
  return `/changes/${encodeURIComponent(changeId)}/runs/${encodeURIComponent(runId)}/log`;
}
