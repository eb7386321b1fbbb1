import type { OutputLine, RunView } from '#views/run-output.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import { chip } from '../parts/chip.ts';
import { duration, moment, path as projectPath } from '../parts/text.ts';
import { runPath } from '../parts/timeline.ts';

interface Model {
  run: RunView;
  lines: readonly OutputLine[];
  /** There are more lines than fit into the page. */
  more: boolean;
  viewer: string;
}

/** What a plan run or an attempt printed. With scripts it goes on by itself; without, a link asks for what is new. */
export function runPage({ run, lines, more, viewer }: Model): Html {
  const path = runPath(run.changeId, run.id);
  const last = lines.at(-1)?.seq ?? -1;
  const what = run.kind === 'apply' ? 'Apply' : 'Plan';
  return layout({
    title: `${what} of ${run.project}`,
    viewer,
    section: 'changes',
    live: true,
    body: html`<nav class="crumbs" aria-label="Breadcrumb"><a href="/changes">Changes</a> / <a href="/changes/${encodeURIComponent(run.changeId)}">${run.changeId}</a> / ${run.id}</nav>
<div class="heading"><h1>${what} of ${projectPath(run.project)}</h1>${chip(run.status)}</div>
<p class="meta">${run.startedAt === undefined ? 'Not started yet.' : html`Started ${moment(run.startedAt)}${run.endedAt !== undefined && html`, took ${duration(run.startedAt, run.endedAt)}`}`}
<span class="live" data-live hidden></span><label class="push" data-follow hidden><input type="checkbox" checked> Follow</label></p>
<div class="log" role="log" tabindex="0" aria-label="Output" data-log data-events="${path}/events?after=${last}">${lines.map(
      ({ seq, stream, line }) =>
        html`<div class="line ${stream === 'stderr' && 'stderr'}" id="L${seq}"><a href="#L${seq}">${seq}</a><span>${line}</span></div>`,
    )}</div>
${(more || !run.over) && html`<p class="pager"><a class="button" href="${path}?after=${last}" data-no-script>What came after line ${last}</a></p>`}`,
  });
}
