import { isBeingPlanned } from './being-planned.ts';
import type { Change } from './change.ts';
import type { Command, Selector } from './command.ts';
import {
  interruptedAttempt,
  memberRefusals,
  operatorRefusals,
  refusedAsOver,
  resolveRefusals,
  tooMany,
  unknownCommand,
} from './command-refusals.ts';
import { onAdjust } from './commanded/adjust.ts';
import { answer, type Given, refuse } from './commanded/answer.ts';
import { onApply } from './commanded/apply.ts';
import { onBreakGlass } from './commanded/break-glass.ts';
import { onCancel } from './commanded/cancel.ts';
import { onConfirm } from './commanded/confirm.ts';
import { onPlan } from './commanded/plan.ts';
import { onQuestion } from './commanded/question.ts';
import { onRollback } from './commanded/rollback.ts';
import { onUnlock } from './commanded/unlock.ts';
import { type Decision, followedBy, undisturbed, withChange, withEffects } from './decision.ts';
import type { FactOf } from './fact.ts';
import { inShort } from './in-short.ts';
import { withGrantUsed } from './mandate-uses.ts';
import type { Project } from './project.ts';
import { isSelected } from './select.ts';

/** Nobody means more than these; a comment each second must not make the change grow without end. */
const MOST_WAITING = 20;

/** A person asked for something in a comment: it is done, waits for its turn, or is refused with every reason at once. */
export function onCommand(change: Change, fact: FactOf<'command-received'>, at: string): Decision {
  const behind = mayAsk(change, fact) ? busyWith(change, fact.command) : undefined;
  if (behind === undefined) return obey(change, fact, at);
  const { noteId, by, command } = fact;
  if (change.waiting.length >= MOST_WAITING)
    return refuse(undisturbed(change), command, fact, [tooMany('commands wait here already')]);
  const waiting = withChange(undisturbed(change), { waiting: [...change.waiting, { noteId, by, command }] });
  return answer(waiting, command, fact, { kind: 'waiting', behind });
}

/** Does what a comment asks for, now. */
function obey(
  change: Change,
  given: Given & Pick<FactOf<'command-received'>, 'command' | 'glass'>,
  at: string,
): Decision {
  const { command, by } = given;
  switch (command.verb) {
    case 'help':
      return answer(undisturbed(change), command, given, { kind: 'help' });
    case 'unknown':
      return refuse(undisturbed(change), command, given, [unknownCommand(command)]);
    case 'plan':
      return onPlan(change, given, command, at);
    case 'apply': {
      const { breakGlass } = command;
      return breakGlass === undefined
        ? onApply(change, given, command, at)
        : onBreakGlass(change, given, { ...command, breakGlass }, at);
    }
    case 'confirm':
      return onConfirm(change, given, command, at);
    case 'rollback':
      return onRollback(change, given, command);
    case 'cancel':
      return onCancel(change, given, command, at);
    case 'status':
    case 'why':
    case 'diff':
    case 'version':
      return onQuestion(change, given, command);
    case 'import':
    case 'state-rm':
      return onAdjust(change, given, command, at);
    case 'unlock':
      return onUnlock(change, given, command, at);
    case 'resolve': {
      const refusals = [
        ...operatorRefusals(by, command, change, { mayBeRequester: true }),
        ...resolveRefusals(change, command.project),
      ];
      if (refusals.length > 0) return refuse(undisturbed(change), command, given, refusals);
      const { project, as, reason } = command;
      const attemptId = interruptedAttempt(change, project) ?? '';
      const { noteId } = given;
      return withEffects(withGrantUsed(undisturbed(change), given, project), {
        type: 'resolve-attempt',
        project,
        attemptId,
        as,
        by,
        reason,
        noteId,
      });
    }
  }
}

/** What will be refused in any case is refused at once, however busy the change is. */
function mayAsk(change: Change, { by, command }: Given & { command: Command }): boolean {
  return command.verb === 'apply'
    ? operatorRefusals(by, command, change, { mayBeRequester: false }).length === 0
    : memberRefusals(by, command, change).length === 0;
}

/** The commands that waited for their turn and now have it, each on what the one before made of the change. */
export function takeWaiting(decision: Decision, at: string): Decision {
  const { change } = decision;
  const next = change.waiting.find(({ command }) => busyWith(change, command) === undefined);
  if (next === undefined) return decision;
  const waiting = change.waiting.filter((each) => each !== next);
  const done = obey({ ...change, waiting }, next, at);
  return takeWaiting(followedBy(decision, done), at);
}

/** What a command has to wait for, in words; `undefined` when it can be done now. */
function busyWith(change: Change, command: Command): string | undefined {
  if (refusedAsOver(change).length > 0) return undefined;
  const concerned = (status: (project: Project) => boolean, select: Selector | undefined) =>
    change.projects.filter((project) => isSelected(project, select) && status(project)).map(({ key }) => key);
  switch (command.verb) {
    case 'plan':
    case 'import':
    case 'state-rm':
      return ending('applied', concerned(isRunning, command.select));
    case 'apply':
      // The glass is broken for plans that somebody has seen.
      return command.breakGlass === undefined
        ? ending('planned', concerned(isBeingPlanned, command.select))
        : undefined;
    case 'confirm':
    case 'rollback':
    case 'cancel':
    case 'help':
    case 'status':
    case 'why':
    case 'diff':
    case 'version':
    case 'unlock':
    case 'resolve':
    case 'unknown':
      return undefined;
  }
}

function isRunning(project: Project): boolean {
  return project.status === 'applying' && project.phase === 'claimed';
}

function ending(doing: string, keys: readonly string[]): string | undefined {
  return keys.length === 0 ? undefined : `${inShort(keys)} just being ${doing}.`;
}
