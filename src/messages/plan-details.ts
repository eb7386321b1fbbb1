import { renderPlan } from '#domain/plan/render.ts';
import type { PlanSummary, ResourceSummary, Verb } from '#domain/plan/summarize.ts';
import { countsInWords } from './counts.ts';
import { fence, html, link } from './escape.ts';
import type { PlanModel } from './note-model.ts';

/** What an approver must not miss stands first. */
const ORDER: readonly Verb[] = ['other', 'delete', 'replace', 'forget', 'update', 'create', 'read', 'no-op'];

/** Destroyed and replaced resources first, otherwise in terraform's order. */
export function byGravity(resources: readonly ResourceSummary[]): ResourceSummary[] {
  return resources.toSorted((a, b) => ORDER.indexOf(a.verb) - ORDER.indexOf(b.verb));
}

/**
 * One plan, folded away: attribute by attribute, before and after, secrets hidden. `most` bounds the characters of the
 * plan's text; what is longer is cut at a line, with a link to the whole.
 */
export function planDetails(project: string, plan: PlanModel, pageUrl: string, most: number): string {
  const text = forDiff(renderPlan(gravestFirst(plan.summary)));
  const cut = cutAtLine(text, most);
  const rest = text.length - cut.length;
  return [
    `<details><summary><code>${html(project)}</code>: ${countsInWords(plan.summary.counts)}</summary>`,
    '',
    fence(cut, 'diff'),
    '',
    ...(rest > 0 ? [`The plan is longer than fits here. ${link('See all of it', pageUrl)}.`, ''] : []),
    ...(plan.digest === '' ? [] : [`Plan digest \`${plan.digest}\``]),
    '</details>',
  ].join('\n');
}

function gravestFirst(summary: PlanSummary): PlanSummary {
  return { ...summary, resources: byGravity(summary.resources) };
}

/** Moves the sign to the first column, where a diff is coloured by it. */
function forDiff(text: string): string {
  return text.replaceAll(/^( +)([-+~])(?= )/gm, '$2$1');
}

function cutAtLine(text: string, most: number): string {
  if (text.length <= most) return text;
  return text.slice(0, Math.max(0, text.lastIndexOf('\n', most)));
}
