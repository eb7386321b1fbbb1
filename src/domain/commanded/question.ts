import type { Change } from '../change.ts';
import { memberRefusals, nothingToApply } from '../command-refusals.ts';
import type { Question, Selector } from '../command.ts';
import { type Decision, undisturbed, withEffects } from '../decision.ts';
import { isSelected } from '../select.ts';
import { type Given, noneSelected, refuse } from './answer.ts';

/** Asked without changing anything; the answer is read from where things stand when it is given. */
export function onQuestion(
  change: Change,
  given: Given,
  command: { verb: Question; select?: Selector },
): Decision {
  const { verb, select } = command;
  const none =
    change.projects.length > 0 && select !== undefined ? noneSelected(change, select, nothingToApply()) : [];
  const refusals = [...memberRefusals(given.by, command, change), ...none];
  if (refusals.length > 0) return refuse(undisturbed(change), command, given, refusals);
  const projects = change.projects.filter((each) => isSelected(each, select)).map(({ key }) => key);
  const { noteId } = given;
  return withEffects(undisturbed(change), { type: 'answer-question', noteId, question: verb, projects });
}
