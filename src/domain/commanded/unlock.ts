import type { Change } from '../change.ts';
import { memberRefusals, operatorRefusals, refusedAsOver, unlockRefusals } from '../command-refusals.ts';
import type { Command } from '../command.ts';
import { type Decision, attemptOpen, signal, undisturbed } from '../decision.ts';
import { withGrantUsed } from '../mandate-uses.ts';
import { releaseHold } from '../on-hold.ts';
import { isOver } from '../over.ts';
import type { Project } from '../project.ts';
import { withdrawCancelled } from '../ticket-steps.ts';
import { type Given, answer, concluded, refuse } from './answer.ts';

/** Gives back one hold, a quarantine too, as an operator may; or all that is held for its plan only, as a member may. */
export function onUnlock(
  change: Change,
  given: Given,
  command: Extract<Command, { verb: 'unlock' }>,
  at: string,
): Decision {
  const { project: key } = command;
  if (key === undefined) return letGo(change, given, command, at);
  const refusals = [
    ...operatorRefusals(given.by, command, change, { mayBeRequester: true }),
    ...unlockRefusals(change, key),
  ];
  if (refusals.length > 0) return refuse(undisturbed(change), command, given, refusals);
  const released = withGrantUsed(releaseHold(change, key, at), given, key);
  return answer(released, command, given, { kind: 'accepted', doing: `the hold on ${key} was released` });
}

/** The plans are given up and with them what was held for them, so that others may go first. */
function letGo(change: Change, given: Given, command: Command, at: string): Decision {
  // What is only not admitted for now, such as a draft, must not keep others waiting.
  const over = isOver(change) ? refusedAsOver(change) : [];
  const refusals = [...over, ...memberRefusals(given.by, command, change)];
  if (refusals.length > 0) return refuse(undisturbed(change), command, given, refusals);
  const gaveUp = signal(undisturbed(change), at, { type: 'cancelled' }, (each) => !isUnderApply(each));
  const doing =
    'the plans are given up, and so is what was held for them; comment `countersign plan` to start again';
  return concluded(change, withdrawCancelled(gaveUp), command, given, doing, {
    code: 'not-held',
    reason: 'this change holds nothing that could be given up',
    remedy: 'nothing is to be unlocked',
  });
}

function isUnderApply(project: Project): boolean {
  return attemptOpen(project) || project.status === 'applying';
}
