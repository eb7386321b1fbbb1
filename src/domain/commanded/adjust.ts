import type { Change } from '../change.ts';
import { memberRefusals, needsOneProject, refusedAsOver } from '../command-refusals.ts';
import type { Command } from '../command.ts';
import { type Decision, undisturbed } from '../decision.ts';
import type { AskedAdjustment } from '../project.ts';
import { isSelected } from '../select.ts';
import { type Given, concluded, noneSelected, refuse } from './answer.ts';
import { planAgain } from './plan.ts';

/** The state is adjusted by a plan like any other, that shows the adjustment and needs its own approval. */
export function onAdjust(
  change: Change,
  given: Given,
  command: Extract<Command, { verb: 'import' | 'state-rm' }>,
  at: string,
): Decision {
  const { select } = command;
  const chosen = change.projects.filter((project) => isSelected(project, select));
  const unclear =
    chosen.length > 1
      ? [needsOneProject(change, select)]
      : noneSelected(change, select, needsOneProject(change, select));
  const refusals = [...refusedAsOver(change), ...memberRefusals(given.by, command, change), ...unclear];
  const [project] = chosen;
  if (refusals.length > 0 || project === undefined)
    return refuse(undisturbed(change), command, given, refusals);
  const { gitlabId, username } = given.by;
  const asked = { by: { gitlabId, username }, noteId: given.noteId };
  const wanted: readonly AskedAdjustment[] =
    command.verb === 'import'
      ? [{ kind: 'import', to: command.to, id: command.id, ...asked }]
      : command.addresses.map((from) => ({ kind: 'forget', from, ...asked }));
  const told = planAgain(change, at, ({ key }) => key === project.key, wanted);
  return concluded(change, told, command, given, `${project.key} is being planned with it`, {
    code: 'nothing-to-plan',
    reason: `${project.key} is applied already, or is planned as soon as its ticket is there`,
    remedy: 'push a commit to change it further',
  });
}
