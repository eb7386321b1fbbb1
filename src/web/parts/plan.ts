import { attributeName } from '#domain/plan/render.ts';
import type { AttributeChange, PlanSummary, ResourceSummary, Verb } from '#domain/plan/summarize.ts';
import { type Content, type Html, html } from '../html.ts';
import { path } from './text.ts';

/** A page with more is no longer read; what is left out is said, and all of it is in the JSON. */
const RESOURCES_SHOWN = 250;
const VALUE_SHOWN = 4_000;
/** A plan this small is shown open. */
const SMALL = 6;

/** What a plan would do: resources, the dangerous ones first, each with its attributes before and after. */
export function plan(summary: PlanSummary): Html {
  const resources = summary.resources.toSorted((a, b) => ORDER.indexOf(a.verb) - ORDER.indexOf(b.verb));
  const shown = resources.slice(0, RESOURCES_SHOWN);
  const isSmall = resources.length <= SMALL;
  return html`${summary.warnings.map(({ text }) => html`<p class="note bad">${text}</p>`)}
<h4 class="subhead">Plan</h4>
<div class="resources">
${shown.map((each) => resource(each, isSmall || isDangerous(each.verb)))}
${resources.length > shown.length && html`<p class="note">${resources.length - shown.length} more resources are not shown here; the JSON form of this page has them all.</p>`}
</div>
${summary.outputs.length > 0 && outputs(summary)}
${summary.drift.length > 0 && drift(summary)}`;
}

const ORDER: readonly Verb[] = ['other', 'delete', 'replace', 'forget', 'update', 'create', 'read', 'no-op'];
const isDangerous = (verb: Verb): boolean => verb === 'delete' || verb === 'replace' || verb === 'other';

const WORDS: Readonly<Record<Verb, readonly [sign: string, word: string]>> = {
  create: ['+', 'create'],
  update: ['~', 'update'],
  delete: ['−', 'destroy'],
  replace: ['±', 'replace'],
  forget: ['·', 'forget'],
  read: ['<', 'read'],
  'no-op': [' ', 'keep'],
  other: ['?', 'unknown action'],
};

function resource(each: ResourceSummary, open: boolean): Html {
  const [sign, word] = WORDS[each.verb];
  return html`<details class="resource" ${open && html`open`}>
<summary><span class="verb verb-${each.verb}"><span aria-hidden="true">${sign}</span> ${word}</span> ${path(each.address)}${asides(each)}</summary>
${each.changes.length > 0 ? attributes(each.changes) : html`<p class="muted pad">No attribute changes.</p>`}
</details>`;
}

function asides({ previousAddress, importing, deposed, reason, createFirst }: ResourceSummary): Content {
  const words = [
    previousAddress !== undefined && `moved from ${previousAddress}`,
    importing !== undefined && `imported from ${importing.id}`,
    deposed !== undefined && `deposed object ${deposed}`,
    createFirst === true && 'the new one is made first',
    reason !== undefined && reason,
  ].filter((each) => each !== false);
  return words.length > 0 && html` <span class="muted">${words.join(' · ')}</span>`;
}

function attributes(changes: readonly AttributeChange[]): Html {
  return html`<div class="scroll"><table class="diff">
<thead><tr><th scope="col">Attribute</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>${changes.map(
    (change) => html`<tr>
<th scope="row"><code>${attributeName(change.path)}</code>${change.forcesReplacement && html` <span class="tag bad">forces replacement</span>`}</th>
<td class="before" data-label="Before">${value(change.before, change.sensitive)}</td>
<td class="after" data-label="After">${change.unknown ? html`<span class="placeholder">known after apply</span>` : value(change.after, change.sensitive)}</td>
</tr>`,
  )}</tbody>
</table></div>`;
}

function value(shown: AttributeChange['before'], sensitive: boolean): Content {
  if (shown === undefined || shown === null) return html`<span class="muted">–</span>`;
  if (sensitive) return html`<span class="placeholder">sensitive</span>`;
  const text = typeof shown === 'string' ? shown : JSON.stringify(shown);
  if (text === '') return html`<span class="placeholder">empty</span>`;
  const rest = text.length - VALUE_SHOWN;
  return html`<span class="value">${text.slice(0, VALUE_SHOWN)}</span>${rest > 0 && html` <span class="muted">and ${rest} more characters</span>`}`;
}

function outputs(summary: PlanSummary): Html {
  const changes = summary.outputs.flatMap(({ name, changes: rows }) =>
    rows.map((row) => ({ ...row, path: [name, ...row.path] })),
  );
  return html`<details class="resource" open><summary><span class="verb">outputs</span> <span class="muted">${summary.outputs.length}</span></summary>${attributes(changes)}</details>`;
}

function drift(summary: PlanSummary): Html {
  return html`<details class="drift"><summary>Changed outside of Terraform since the last apply <span class="muted">${summary.drift.length}</span></summary>
${summary.drift.slice(0, RESOURCES_SHOWN).map((each) => resource(each, false))}</details>`;
}
