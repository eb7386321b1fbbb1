import type { Change, RequestedProjects } from './change.ts';
import type { Command, Question, Selector } from './command.ts';
import {
  interruptedAttempt,
  memberRefusals,
  needsOneProject,
  notApproved,
  nothingSelected,
  nothingToApply,
  operatorRefusals,
  refusedAsOver,
  resolveRefusals,
  unknownCommand,
  unlockRefusals,
} from './command-refusals.ts';
import {
  attemptOpen,
  type Decision,
  signal,
  undisturbed,
  withChange,
  withEffects,
  withRefusals,
} from './decision.ts';
import type { CommandOutcome } from './effect.ts';
import type { FactOf } from './fact.ts';
import { releaseHold } from './on-hold.ts';
import { isOver } from './over.ts';
import type { Adjustment, Project } from './project.ts';
import type { Refusal } from './refusal.ts';
import { isSelected, selectorText } from './select.ts';
import { withdrawCancelled } from './ticket-steps.ts';
import { isForecast } from './waves.ts';

type Given = Pick<FactOf<'command-received'>, 'noteId' | 'by'>;

/** A person asked for something in a comment: it is done, waits for its turn, or is refused with every reason at once. */
export function onCommand(change: Change, fact: FactOf<'command-received'>, at: string): Decision {
  const behind = mayAsk(change, fact) ? busyWith(change, fact.command) : undefined;
  if (behind === undefined) return obey(change, fact, at);
  const { noteId, by, command } = fact;
  const waiting = withChange(undisturbed(change), { waiting: [...change.waiting, { noteId, by, command }] });
  return answer(waiting, command, fact, { kind: 'waiting', behind });
}

/** Does what a comment asks for, now. */
export function obey(change: Change, given: Given & { command: Command }, at: string): Decision {
  const { command, by } = given;
  switch (command.verb) {
    case 'help':
      return answer(undisturbed(change), command, given, { kind: 'help' });
    case 'unknown':
      return refuse(undisturbed(change), command, given, [unknownCommand(command)]);
    case 'plan':
      return onPlan(change, given, command, at);
    case 'apply':
      return onApply(change, given, command, at);
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
      return withEffects(undisturbed(change), {
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
  return takeWaiting(
    {
      change: done.change,
      effects: [...decision.effects, ...done.effects],
      refusals: [...decision.refusals, ...done.refusals],
      entries: [...decision.entries, ...done.entries],
    },
    at,
  );
}

/** What a command has to wait for, in words; `undefined` when it can be done now. */
export function busyWith(change: Change, command: Command): string | undefined {
  if (refusedAsOver(change).length > 0) return undefined;
  const concerned = (status: (project: Project) => boolean, select: Selector | undefined) =>
    change.projects.filter((project) => isSelected(project, select) && status(project)).map(({ key }) => key);
  switch (command.verb) {
    case 'plan':
    case 'import':
    case 'state-rm':
      return ending('applied', concerned(isRunning, command.select));
    case 'apply':
      return ending('planned', concerned(isBeingPlanned, command.select));
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

function isBeingPlanned({ status }: Project): boolean {
  return status === 'planning' || status === 'opening-ticket';
}

function ending(doing: string, keys: readonly string[]): string | undefined {
  if (keys.length === 0) return undefined;
  const shown = keys.slice(0, 3).join(', ');
  const more = keys.length > 3 ? ` and ${keys.length - 3} more` : '';
  return `${shown}${more} ${keys.length === 1 ? 'is' : 'are'} just being ${doing}.`;
}

function onPlan(
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
function planAgain(
  change: Change,
  at: string,
  concerned: (project: Project) => boolean,
  adjustments?: readonly Adjustment[],
): Decision {
  if (change.release.status !== 'none') return undisturbed(change);
  const wanted = { type: 'plan-commanded', ...(adjustments === undefined ? {} : { adjustments }) } as const;
  return signal(undisturbed(change), at, wanted, concerned);
}

/** A project that the merge request does not touch is looked for in the repository, and planned with the rest. */
function request(change: Change, given: Given, command: Command, select: Selector): Decision {
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

function onApply(
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

function noneSelected(change: Change, select: Selector | undefined, nothing: Refusal): Refusal[] {
  if (change.projects.length === 0) return [nothing];
  if (select === undefined || change.projects.some((project) => isSelected(project, select))) return [];
  return [nothingSelected(change, select)];
}

function onCancel(change: Change, given: Given, command: Command, at: string): Decision {
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

function onQuestion(change: Change, given: Given, command: { verb: Question; select?: Selector }): Decision {
  const { verb, select } = command;
  const none =
    change.projects.length > 0 && select !== undefined ? noneSelected(change, select, nothingToApply()) : [];
  const refusals = [...memberRefusals(given.by, command, change), ...none];
  if (refusals.length > 0) return refuse(undisturbed(change), command, given, refusals);
  const projects = change.projects.filter((each) => isSelected(each, select)).map(({ key }) => key);
  const { noteId } = given;
  return withEffects(undisturbed(change), { type: 'answer-question', noteId, question: verb, projects });
}

/** The state is adjusted by a plan like any other, that shows the adjustment and needs its own approval. */
function onAdjust(
  change: Change,
  given: Given,
  command: Extract<Command, { verb: 'import' | 'state-rm' }>,
  at: string,
): Decision {
  const { select } = command;
  const chosen = change.projects.filter((project) => isSelected(project, select));
  const unclear =
    chosen.length === 1
      ? []
      : noneSelected(change, select, needsOneProject(change, select)).concat(
          chosen.length > 1 ? [needsOneProject(change, select)] : [],
        );
  const refusals = [...refusedAsOver(change), ...memberRefusals(given.by, command, change), ...unclear];
  const [project] = chosen;
  if (refusals.length > 0 || project === undefined)
    return refuse(undisturbed(change), command, given, refusals);
  const wanted: readonly Adjustment[] =
    command.verb === 'import'
      ? [{ kind: 'import', to: command.to, id: command.id }]
      : command.addresses.map((from) => ({ kind: 'forget', from }));
  const told = planAgain(change, at, ({ key }) => key === project.key, wanted);
  return concluded(change, told, command, given, `${project.key} is being planned with it`, {
    code: 'nothing-to-plan',
    reason: `${project.key} is applied already, or is planned as soon as its ticket is there`,
    remedy: 'push a commit to change it further',
  });
}

/** Gives back one hold, a quarantine too, as an operator may; or all that is held for its plan only, as a member may. */
function onUnlock(
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
  const released = releaseHold(change, key, at);
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

/** Done if anything moved; else refused, with what the projects say or, when they say nothing, with `idle`. */
function concluded(
  before: Change,
  told: Decision,
  command: Command,
  given: Given,
  doing: string,
  idle: Refusal,
): Decision {
  const moved =
    told.effects.length > 0 || told.change.projects.some((project, i) => project !== before.projects[i]);
  if (moved) return answer(told, command, given, { kind: 'accepted', doing });
  if (told.refusals.length === 0) return refuse(told, command, given, [idle]);
  return answer(told, command, given, { kind: 'refused', refusals: told.refusals });
}

function answer(
  decision: Decision,
  command: Command,
  { noteId }: Pick<Given, 'noteId'>,
  outcome: CommandOutcome,
): Decision {
  return withEffects(decision, { type: 'answer-command', noteId, command, outcome });
}

function refuse(
  decision: Decision,
  command: Command,
  given: Pick<Given, 'noteId'>,
  refusals: readonly Refusal[],
): Decision {
  return answer(withRefusals(decision, ...refusals), command, given, { kind: 'refused', refusals });
}

function isLeftToApply(project: Project): boolean {
  return project.status !== 'no-changes' && project.status !== 'applied' && project.status !== 'released';
}
