import type { CheckRef } from '../plan-ref.ts';
import { no, PLAN_AGAIN, unknown, unseen, yes } from './answer.ts';
import type { ChangeEvidence, GateResult, GateSubject, ProjectEvidence } from './evidence.ts';

const GATE = 'checks-passed';

/** Does every check pass on the plan, evaluated again now, and say just what it said to the approver? */
export function checksPassed(
  { plan }: GateSubject,
  _change: ChangeEvidence,
  { checks }: ProjectEvidence,
): GateResult {
  if (!checks.seen) return unseen(GATE, 'the checks could not be evaluated', checks.why);
  const evidence = { approved: plan.checks, present: checks.value };
  const changed = differing(plan.checks, checks.value);
  const failed = names([...plan.checks, ...checks.value], 'fail');
  if (failed.length > 0)
    return no(GATE, `failed: ${failed.join(', ')}`, 'the author changes the code and pushes', evidence);
  if (changed.length > 0)
    return no(
      GATE,
      `answered otherwise when the plan was approved: ${changed.join(', ')}`,
      PLAN_AGAIN,
      evidence,
    );
  const undecided = names(checks.value, 'unknown');
  if (undecided.length > 0)
    return unknown(
      GATE,
      `could not be decided from the plan: ${undecided.join(', ')}`,
      'the author makes the values known at plan time, or the rule is changed',
      evidence,
    );
  const count = checks.value.length;
  return yes(GATE, count === 0 ? 'no checks apply' : `all ${count} checks passed`, evidence);
}

function names(checks: readonly CheckRef[], result: CheckRef['result']): string[] {
  return [...new Set(checks.filter((check) => check.result === result).map((check) => check.name))];
}

/** Names of checks that one side has and the other has not, or has with another answer. */
function differing(approved: readonly CheckRef[], present: readonly CheckRef[]): string[] {
  const key = (check: CheckRef) => JSON.stringify([check.name, check.result, check.digest]);
  const [before, now] = [new Set(approved.map(key)), new Set(present.map(key))];
  const odd = [
    ...approved.filter((each) => !now.has(key(each))),
    ...present.filter((each) => !before.has(key(each))),
  ];
  return [...new Set(odd.map((check) => check.name))];
}
