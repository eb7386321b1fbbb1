import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';

/** What went wrong in words, and what to do about it. */
export function errorPage(problem: {
  status: number;
  message: string;
  remedy: string;
  requestId: string;
}): Html {
  return layout({
    title: problem.message,
    body: html`<div class="door"><p class="muted">${problem.status}</p><h1>${problem.message}</h1>
<p>${problem.remedy}</p>
<p><a class="button" href="/changes">All changes</a></p>
<p class="muted">Request <code>${problem.requestId}</code></p></div>`,
  });
}
