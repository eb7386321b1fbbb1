import { no, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject, ProjectEvidence } from './evidence.ts';
import { until, whatThen } from './in-time.ts';

const GATE = 'change-window';

/** Is a change window open for the project's tier and folder, where there are any? As of the moment of the evaluation. */
export function changeWindow(
  subject: GateSubject,
  change: ChangeEvidence,
  { calendar }: ProjectEvidence,
): GateResult {
  if (!calendar.seen) return unseen(GATE, 'which change windows concern it is not known', calendar.why);
  const { at, closesAt, open, opensAt, windows } = calendar.value;
  const evidence = { at, tier: subject.plan.demand.tier, windows, open, opensAt, closesAt };
  if (windows.length === 0)
    return yes(GATE, 'it has no change windows: it may be applied at any time', evidence);
  const names = windows.map(({ name, times }) => `${name} (${times})`).join(', ');
  if (open) {
    const end = closesAt === undefined ? '' : ` until ${closesAt.local}`;
    const answer = yes(GATE, `its change window is open${end}: ${names}`, evidence);
    return closesAt === undefined ? answer : until(closesAt.at, answer);
  }
  if (opensAt === undefined)
    return no(
      GATE,
      `its change window does not open within a year: ${names}`,
      whatThen(subject, change, calendar.value),
      evidence,
    );
  const reason = `it waits for its change window, which opens ${opensAt.local}: ${names}`;
  return until(opensAt.at, no(GATE, reason, whatThen(subject, change, calendar.value), evidence));
}
