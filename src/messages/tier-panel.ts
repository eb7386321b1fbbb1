import type { Demand } from '#domain/demand.ts';
import type { PlanSummary } from '#domain/plan/summarize.ts';
import type { TicketBlock } from '#domain/ticket-document.ts';
import { plural } from './counts.ts';
import { oneLine, shortened } from './escape.ts';

const MOST_REASONS = 8;
const MOST_FACTS = 6;

/**
 * How grave it is, in the one word there is for it: the tier, with why it is that one. Beside it what nobody should
 * overlook, whatever the rules say of it: what is destroyed, and what of a plan cannot be shown.
 *
 * @param demand absent while nothing is planned that could be approved.
 */
export function tierPanel(demand: Demand | undefined, summaries: readonly PlanSummary[]): TicketBlock[] {
  const facts = factsOf(summaries);
  if (demand === undefined && facts.length === 0) return [];
  const reasons = (demand?.reasons ?? []).slice(0, MOST_REASONS).map((each) => shortened(oneLine(each), 200));
  const more = (demand?.reasons.length ?? 0) - reasons.length;
  const because = [...reasons, ...(more > 0 ? [`and ${plural(more, 'more reason')}`] : [])].join('; ');
  const tier = demand === undefined ? [] : [`Tier ${shortened(oneLine(demand.tier), 100)}`];
  const words = [
    ...tier.map((name) => (because === '' ? `${name}.` : `${name}: ${because}.`)),
    ...facts.slice(0, MOST_FACTS).map((each) => shortened(oneLine(each), 200)),
  ];
  const tone = facts.length > 0 ? 'error' : because === '' ? 'success' : 'warning';
  return [{ kind: 'panel', tone, parts: [{ text: words.join(' '), style: 'strong' }] }];
}

/** As sentences. */
function factsOf(summaries: readonly PlanSummary[]): string[] {
  const acts = (
    [
      ['destroys', 'delete'],
      ['replaces', 'replace'],
      ['stops managing', 'forget'],
    ] as const
  ).flatMap(([words, verb]) => {
    const n = summaries.reduce((total, { counts }) => total + counts[verb], 0);
    return n === 0 ? [] : [`${words} ${plural(n, 'resource')}`];
  });
  const warnings = summaries.flatMap((summary) =>
    summary.warnings.filter(({ kind }) => kind !== 'check-unknown').map(({ text }) => text),
  );
  return [...(acts.length === 0 ? [] : [`It ${acts.join(', ')}.`]), ...warnings];
}
