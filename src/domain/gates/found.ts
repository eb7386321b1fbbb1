import type { GateName, GateResult } from './evidence.ts';

/** What was seen live when every gate said yes, as far as whoever has only the log can judge it again. */
export interface Found {
  /** When it was looked at, by the database's clock. */
  at: string;
  /** The merge request's head on the code host. */
  headSha: string;
  /** Each element that an approval or its run binds and that can be read live, by its name. */
  elements: Readonly<Record<string, string>>;
  /** Who takes which part in the change, as the gate four-eyes told them apart. */
  people: Readonly<Record<string, unknown>>;
  /** Each approval with whom that was in the directory when it was given, and was now. */
  approvals: unknown;
}

/** Taken from the gates' own evidence; nothing when one of them did not say yes. */
export function foundBy(results: readonly GateResult[]): Found | undefined {
  if (results.some(({ answer }) => answer !== 'yes')) return undefined;
  const evidenceOf = (gate: GateName) => results.find((each) => each.gate === gate)?.evidence ?? {};
  const { present } = evidenceOf('revision-current') as { present?: { headSha?: string } };
  const { comparisons = [] } = evidenceOf('plan-unchanged') as {
    comparisons?: readonly { element: string; present?: string }[];
  };
  return {
    at: String(evidenceOf('plan-fresh')['at'] ?? ''),
    headSha: present?.headSha ?? '',
    elements: Object.fromEntries(comparisons.map((each) => [each.element, each.present ?? ''])),
    people: evidenceOf('four-eyes'),
    approvals: evidenceOf('approver-allowed')['approvals'] ?? [],
  };
}
