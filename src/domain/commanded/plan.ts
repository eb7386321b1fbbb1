import type { Change, RequestedProjects } from '../change.ts';
import { memberRefusals, refusedAsOver, tooMany } from '../command-refusals.ts';
import type { Command, Selector } from '../command.ts';
import { type Decision, signal, undisturbed, withChange, withEffects } from '../decision.ts';
import type { AskedAdjustment, Project } from '../project.ts';
import { isSelected, selectorText } from '../select.ts';
import { type Given, answer, concluded, refuse } from './answer.ts';

/** All of the change, or what was selected of it, is planned again; what it does not touch is looked for. */
export function onPlan(
  change: Change,
  given: Given,
  command: Extract<Command, { verb: 'plan' }>,
  at: string,
): Decision {
  const refusals = [...refusedAsOver(change), ...memberRefusals(given.by, command, change)];
  if (refusals.length > 0) return refuse(undisturbed(change), command, given, refusals);
  const { select } = command;
  if (select !== undefined && !change.projects.some((project) => isSelected(project, select))) {
    return request(change, given, command, select);
  }
  if (change.projects.length === 0) {
    return answer(withEffects(undisturbed(change), { type: 'read-merge-request' }), command, given, {
      kind: 'accepted',
      doing: 'the merge request is being read again',
    });
  }
  const told = planAgain(change, at, (each) => isSelected(each, select));
  return concluded(change, told, command, given, `${subject(select)} being planned again`, {
    code: 'nothing-to-plan',
    reason: 'all of it is applied, or is planned as soon as its ticket is there',
    remedy: 'push a commit to change it further',
  });
}

/** Plans these projects, unless all of the change is applied and its release is made or being made: that is then what it was. */
export function planAgain(
  change: Change,
  at: string,
  concerned: (project: Project) => boolean,
  adjustments?: readonly AskedAdjustment[],
): Decision {
  if (change.release.status !== 'none') return undisturbed(change);
  const wanted = { type: 'plan-commanded', ...(adjustments === undefined ? {} : { adjustments }) } as const;
  return signal(undisturbed(change), at, wanted, concerned);
}

const MOST_REQUESTED = 100;

/** A project that the merge request does not touch is looked for in the repository, and planned with the rest. */
function request(change: Change, given: Given, command: Command, select: Selector): Decision {
  if (change.requested.length >= MOST_REQUESTED)
    return refuse(undisturbed(change), command, given, [tooMany('projects were asked for here already')]);
  const asked: RequestedProjects = { noteId: given.noteId, select };
  const requested = withChange(undisturbed(change), { requested: [...change.requested, asked] });
  return answer(withEffects(requested, { type: 'read-merge-request' }), command, given, {
    kind: 'accepted',
    doing: `this merge request does not touch \`${selectorText(select)}\`, so the repository is searched for it`,
  });
}

function subject(select: Selector | undefined): string {
  return select === undefined ? 'every project is' : `\`${selectorText(select)}\` is`;
}
