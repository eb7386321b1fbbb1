import { no, PLAN_AGAIN, unknown, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject } from './evidence.ts';

const GATE = 'plan-fresh';

/** Is the plan young enough? Both times are the database's. */
export function planFresh({ plan }: GateSubject, { at, settings }: ChangeEvidence): GateResult {
  const ageSeconds = Math.floor((Date.parse(at) - Date.parse(plan.plannedAt)) / 1000);
  const evidence = { plannedAt: plan.plannedAt, at, ageSeconds, maxAgeSeconds: settings.planMaxAgeSeconds };
  if (!(ageSeconds >= 0))
    return unknown(
      GATE,
      `the plan's age cannot be told (planned ${plan.plannedAt}, now ${at})`,
      PLAN_AGAIN,
      evidence,
    );
  if (ageSeconds > settings.planMaxAgeSeconds)
    return no(
      GATE,
      `the plan is ${words(ageSeconds)} old; at most ${words(settings.planMaxAgeSeconds)} are allowed`,
      PLAN_AGAIN,
      evidence,
    );
  return yes(GATE, `the plan is ${words(ageSeconds)} old`, evidence);
}

function words(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  const minutes = Math.floor((seconds % 3600) / 60);
  return `${Math.floor(seconds / 3600)} h${minutes === 0 ? '' : ` ${minutes} min`}`;
}
