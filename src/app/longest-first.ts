import type { Effect } from '#domain/effect.ts';

/**
 * The effects with their plans in the order of how long each project's last one took, the longest first, since one that
 * begins last ends last. What was never planned may be the longest of all, and goes before. Nothing else moves.
 *
 * @param seconds how long the last plan of a project took, by key
 */
export function longestFirst(effects: readonly Effect[], seconds: ReadonlyMap<string, number>): Effect[] {
  const took = ({ project }: RunPlan) => seconds.get(project) ?? Number.POSITIVE_INFINITY;
  const plans = effects.filter(isPlan).toSorted((a, b) => (took(a) === took(b) ? 0 : took(b) - took(a)));
  return effects.map((effect) => (isPlan(effect) ? (plans.shift() ?? effect) : effect));
}

/** The projects that are planned, when there is anything to order. */
export function plansToOrder(effects: readonly Effect[]): string[] {
  const plans = effects.filter(isPlan);
  return plans.length > 1 ? plans.map(({ project }) => project) : [];
}

type RunPlan = Extract<Effect, { type: 'run-plan' }>;

function isPlan(effect: Effect): effect is RunPlan {
  return effect.type === 'run-plan';
}
