import type { PlanCounts } from '#domain/plan-ref.ts';
import { type Content, type Html, html } from '../html.ts';

/** How much a plan does, as signs with numbers; zeros are left out. */
export function counts(plan: PlanCounts): Html {
  const parts: Content[] = [
    part(plan.create, '+', 'create', 'to create'),
    part(plan.update, '~', 'update', 'to update'),
    part(plan.replace, '±', 'replace', 'to replace'),
    part(plan.delete, '−', 'delete', 'to destroy'),
    part(plan.import, '↓', 'import', 'to import'),
    part(plan.move, '→', 'move', 'to move'),
    part(plan.forget, '·', 'forget', 'to forget'),
    plan.outputs > 0 &&
      html`<span class="muted">${plan.outputs} ${plan.outputs === 1 ? 'output' : 'outputs'}</span>`,
  ];
  const shown = parts.filter((each) => each !== undefined && each !== false);
  return html`<span class="counts">${shown.length === 0 ? html`<span class="muted">–</span>` : shown}</span>`;
}

function part(count: number, sign: string, verb: string, words: string): Content {
  if (count === 0) return undefined;
  return html`<span class="verb-${verb}" title="${count} ${words}"><span aria-hidden="true">${sign}</span>${count}<span class="sr"> ${words}</span></span>`;
}
