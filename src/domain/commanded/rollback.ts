import type { Change } from '../change.ts';
import { memberRefusals } from '../command-refusals.ts';
import type { Command } from '../command.ts';
import { type Decision, undisturbed, withEffects } from '../decision.ts';
import type { Refusal } from '../refusal.ts';
import { type Given, refuse } from './answer.ts';
import { unknownRefusals } from './break-glass.ts';

/**
 * A merge request is wanted that takes back what was released under a ticket. It is whoever asks for it who requests that
 * change; so they have to be somebody, whatever became of the merge request under which they ask.
 */
export function onRollback(
  change: Change,
  given: Given,
  command: Extract<Command, { verb: 'rollback' }>,
): Decision {
  const { by, noteId } = given;
  const { ticket } = change;
  const key = command.key ?? ('key' in ticket ? ticket.key : ticket.previous);
  const refusals = [
    ...memberRefusals(by, command, change),
    ...unknownRefusals(by),
    ...(key === undefined ? [noTicket()] : []),
  ];
  if (refusals.length > 0 || key === undefined) return refuse(undisturbed(change), command, given, refusals);
  return withEffects(undisturbed(change), { type: 'open-rollback', noteId, by, key });
}

function noTicket(): Refusal {
  return {
    code: 'nothing-to-roll-back',
    reason: 'this change has no ticket',
    remedy: 'name the ticket of the release that is to be taken back',
  };
}
