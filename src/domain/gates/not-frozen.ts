import { no, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject, ProjectEvidence } from './evidence.ts';
import { until, whatThen } from './in-time.ts';

const GATE = 'not-frozen';

/** Does no freeze hold for the project's tier and folder? As of the moment of the evaluation. */
export function notFrozen(
  subject: GateSubject,
  change: ChangeEvidence,
  { calendar }: ProjectEvidence,
): GateResult {
  if (!calendar.seen) return unseen(GATE, 'which freezes concern it is not known', calendar.why);
  const { at, freezes } = calendar.value;
  const evidence = { at, tier: subject.plan.demand.tier, freezes };
  const holding = freezes.filter(({ holds }) => holds);
  const [next] = freezes.filter(({ holds }) => !holds);
  const last = holding.toSorted((a, b) => Date.parse(a.until.at) - Date.parse(b.until.at)).at(-1);
  if (last === undefined) {
    if (next === undefined) return yes(GATE, 'no freeze holds', evidence);
    return until(
      next.from.at,
      yes(GATE, `no freeze holds; ${next.name} begins ${next.from.local}`, evidence),
    );
  }
  const names = holding.map(({ name, reason }) => `${name} (${reason})`).join(', ');
  const reason = `it is frozen until ${last.until.local}: ${names}`;
  return until(last.until.at, no(GATE, reason, whatThen(subject, change, calendar.value), evidence));
}
