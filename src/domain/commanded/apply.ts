import type { Change } from '../change.ts';
import { notApproved, nothingToApply, operatorRefusals, refusedAsOver } from '../command-refusals.ts';
import type { Command } from '../command.ts';
import { type Decision, signal, undisturbed } from '../decision.ts';
import type { Project } from '../project.ts';
import { isSelected } from '../select.ts';
import { isForecast } from '../waves.ts';
import { type Given, concluded, noneSelected, refuse } from './answer.ts';

/** An operator wants it applied: the gates are asked, and say everything that is missing. */
export function onApply(
  change: Change,
  given: Given,
  command: Extract<Command, { verb: 'apply' }>,
  at: string,
): Decision {
  const { select } = command;
  const ended = refusedAsOver(change);
  const standing = [...ended, ...operatorRefusals(given.by, command, change, { mayBeRequester: false })];
  const nothing = noneSelected(change, select, nothingToApply());
  if (standing.length + nothing.length > 0) {
    // What is over, or not admitted at all, does not wait for an approval.
    const missing = ended.length > 0 ? [] : [...nothing, ...notApproved(change)];
    return refuse(undisturbed(change), command, given, [...standing, ...missing]);
  }
  const concerned = (project: Project) =>
    isLeftToApply(project) &&
    isSelected(project, select) &&
    (select !== undefined || !isForecast(change, project));
  const ordered = { noteId: given.noteId, by: given.by };
  const told = signal(undisturbed(change), at, { type: 'apply-commanded', command: ordered }, concerned);
  if (!change.projects.some(concerned))
    return refuse(undisturbed(change), command, given, [nothingToApply()]);
  return concluded(change, told, command, given, 'the gates are being asked', nothingToApply());
}

function isLeftToApply(project: Project): boolean {
  return project.status !== 'no-changes' && project.status !== 'applied' && project.status !== 'released';
}
