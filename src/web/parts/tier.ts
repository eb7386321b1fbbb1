import type { Demand } from '#domain/demand.ts';
import { placesOf } from '#views/waited-for.ts';
import { type Html, html } from '../html.ts';

/** How grave a plan is, why, and whose approval it takes: all plans of a change are approved together, by the gravest. */
export function tier(own: Demand, whole: Demand = own): Html {
  const { approvals, inOrder, standing } = whole;
  const steps = approvals.map((step) => placesOf(step)).join(inOrder === true ? ', then ' : ' and ');
  const whose = standing === true ? `a standing approval, or ${steps}` : steps;
  const graver = whole.tier !== own.tier && html`; the change as a whole is <strong>${whole.tier}</strong>`;
  return html`<p class="meta">Tier <strong>${own.tier}</strong>${graver} · takes the approval of ${whose}</p>
${own.reasons.length > 0 && html`<ul class="reasons">${own.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`}`;
}
