import { WORK_PLAN_SECTIONS } from '#domain/demand.ts';
import { SECTION_TITLES } from '#domain/work-plan.ts';
import { SECTION_QUESTIONS, workPlanTemplate } from '#domain/work-plan-template.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';

/** How a merge request's work plan is written, for whoever was told that theirs is not complete. */
export function workPlanPage(viewer: string): Html {
  return layout({
    title: 'How to write a work plan',
    viewer,
    body: html`<div class="heading"><h1>How to write a work plan</h1></div>
<p class="lead">It stands in the description of the merge request, each section below a heading of its own. Which sections are needed, the tier of the change says; the note in the merge request names those that are missing.</p>
<table class="grid"><thead><tr><th scope="col">Heading</th><th scope="col">What to write</th></tr></thead>
<tbody>${WORK_PLAN_SECTIONS.map((section) => html`<tr><td><strong>${SECTION_TITLES[section]}</strong></td><td>${SECTION_QUESTIONS[section]}</td></tr>`)}</tbody></table>
<p>A heading with nothing below it but a comment counts as missing. What is written is part of what is approved: an edit of it after the approval takes the approval back, and the ticket shows both versions.</p>
<h2>To copy</h2>
<p>Into the description, or once for all as <code>.gitlab/merge_request_templates/Default.md</code> on the default branch.</p>
<pre class="command">${workPlanTemplate()}</pre>`,
  });
}
