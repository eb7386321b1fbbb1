import type { Found } from '../found.ts';
import type { GateName, GateResult } from './evidence.ts';

/** Taken from the gates' own evidence; nothing when one of them did not say yes. */
export function foundBy(results: readonly GateResult[]): Found | undefined {
  if (results.some(({ answer }) => answer !== 'yes')) return undefined;
  const evidenceOf = (gate: GateName) => results.find((each) => each.gate === gate)?.evidence ?? {};
  const { present } = evidenceOf('revision-current') as { present?: { headSha?: string } };
  const { comparisons = [] } = evidenceOf('plan-unchanged') as {
    comparisons?: readonly { element: string; present?: string }[];
  };
  const { at } = evidenceOf('plan-fresh') as { at?: string };
  return {
    at: at ?? '',
    headSha: present?.headSha ?? '',
    elements: Object.fromEntries(comparisons.map((each) => [each.element, each.present ?? ''])),
    people: evidenceOf('four-eyes'),
    approvals: evidenceOf('approver-allowed')['approvals'] ?? [],
  };
}
