import type { GateResult } from '#domain/gates/evidence.ts';
import type { EvaluationView } from '#views/evaluations.ts';
import { type Html, html } from '../html.ts';
import { moment, withCode } from './text.ts';

const ANSWERS = {
  yes: ['good', '✓', 'yes'],
  no: ['bad', '✕', 'no'],
  unknown: ['warning', '?', 'unknown'],
} as const;

/** Every gate with its answer; those that hold the change first, with what to do. */
export function gates({ results, at, go }: EvaluationView): Html {
  const order = ['no', 'unknown', 'yes'];
  const sorted = results.toSorted((a, b) => order.indexOf(a.answer) - order.indexOf(b.answer));
  const closed = results.filter(({ answer }) => answer !== 'yes').length;
  return html`<details class="gates" ${!go && html`open`}>
<summary>Gates <span class="muted">${go ? `all ${results.length} say yes` : `${closed} of ${results.length} closed`} · ${moment(at)}</span></summary>
<div class="scroll"><table class="grid">
<thead><tr><th scope="col">Answer</th><th scope="col">Gate</th><th scope="col">What was found</th></tr></thead>
<tbody>${sorted.map(gate)}</tbody>
</table></div>
</details>`;
}

function gate({ gate: name, answer, reason, remedy, evidence }: GateResult): Html {
  const [tone, sign, word] = ANSWERS[answer];
  const facts = Object.entries(evidence).filter(([, value]) => value !== undefined);
  return html`<tr class="${tone}">
<td><span class="chip ${tone}"><span aria-hidden="true">${sign}</span>${word}</span></td>
<td class="nowrap">${name}</td>
<td>${reason}${remedy !== '' && html`<p class="remedy">${withCode(remedy)}</p>`}
${facts.length > 0 && html`<details class="evidence"><summary>Evidence</summary><dl>${facts.map(([key, value]) => html`<dt>${key}</dt><dd><code>${typeof value === 'string' ? value : JSON.stringify(value)}</code></dd>`)}</dl></details>`}</td>
</tr>`;
}
