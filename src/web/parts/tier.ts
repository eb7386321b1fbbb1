import type { ApprovalStep, Demand } from '#domain/demand.ts';
import { type Html, html } from '../html.ts';

/** How grave a plan is, why, and whose approval it takes. */
export function tier({ approvals, inOrder, reasons, standing, tier: name }: Demand): Html {
  const steps = approvals.map(step).join(inOrder === true ? ', then ' : ' and ');
  const whose = standing === true ? `a standing approval, or ${steps}` : steps;
  return html`<p class="meta">Tier <strong>${name}</strong> · takes the approval of ${whose}</p>
${reasons.length > 0 && html`<ul class="reasons">${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`}`;
}

function step({ count, from }: ApprovalStep): string {
  return from.length === 0 ? `${count} of the approvers` : `${count} of ${from.join(' or ')}`;
}
