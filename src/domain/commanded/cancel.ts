import type { Change } from '../change.ts';
import { memberRefusals, operatorRefusals, refusedAsOver } from '../command-refusals.ts';
import type { Command } from '../command.ts';
import { type Decision, attemptOpen, signal, undisturbed, withChange } from '../decision.ts';
import type { Refusal } from '../refusal.ts';
import { withdrawCancelled } from '../ticket-steps.ts';
import { type Given, concluded, refuse } from './answer.ts';

/** What is queued or being planned is stopped, and a running apply interrupted, which is an operator's to ask for. */
export function onCancel(change: Change, given: Given, command: Command, at: string): Decision {
  const refusals = [...refusedAsOver(change), ...memberRefusals(given.by, command, change)];
  if (refusals.length > 0) return refuse(undisturbed(change), command, given, refusals);
  const running = change.projects.some(attemptOpen);
  const mayNotInterrupt = running
    ? operatorRefusals(given.by, command, change, { mayBeRequester: true })
    : [];
  if (mayNotInterrupt.length > 0) return refuse(undisturbed(change), command, given, mayNotInterrupt);
  const told = cancelWaiting(signal(undisturbed(change), at, { type: 'cancelled' }), given);
  const doing = 'what was queued or being planned is stopped; a running apply is interrupted';
  return concluded(change, withdrawCancelled(told), command, given, doing, {
    code: 'nothing-to-cancel',
    reason: 'nothing is queued, being planned or being applied',
    remedy: 'nothing is to be done',
  });
}

/** Commands that wait for their turn are cancelled with the rest, and whoever gave them is told. */
function cancelWaiting(decision: Decision, { by }: Given): Decision {
  const refusal: Refusal = {
    code: 'cancelled',
    reason: `@${by.username} cancelled this change while it was waiting`,
    remedy: 'comment again if it is still wanted',
  };
  return decision.change.waiting.reduce(
    (told, each) => refuse(told, each.command, each, [refusal]),
    withChange(decision, { waiting: [] }),
  );
}
