import { isBeingPlanned } from './being-planned.ts';
import type { Change, CommandUnderway } from './change.ts';
import type { Command } from './command.ts';
import type { Decision } from './decision.ts';
import type { CommandOutcome, CommandResult, Effect, EffectOf } from './effect.ts';
import { inShort } from './in-short.ts';
import { commandOf, isOrdered } from './ordered.ts';
import type { Project } from './project.ts';
import type { Refusal } from './refusal.ts';
import { isSelected } from './select.ts';

/**
 * A command that sets projects going is not over when it was accepted. Whoever gave it is told, in the one answer their
 * comment has, when its gates have answered, and how it ended once the last of its projects has come to rest.
 */
export function answerCommanders(before: Change, decision: Decision): Decision {
  const begun = accepted(before, decision);
  const earlier = (before.underway ?? []).filter(
    ({ noteId }) => !begun.some((each) => each.noteId === noteId),
  );
  const known = earlier.map((command) => withProjects(command, before, decision.change));
  const isOver = (command: CommandUnderway) =>
    isRead(command, before, decision.change) && rests(command, decision.change);
  const effects = known.flatMap((command): Effect[] =>
    isOver(command) ? [ending(command, decision)] : goingOn(command, before, decision.change),
  );
  const underway = [...known.filter((command) => !isOver(command)), ...begun];
  if (underway.length === 0 && before.underway === undefined) return decision;
  return {
    ...decision,
    change: { ...decision.change, underway },
    effects: [...decision.effects, ...effects],
  };
}

/** The commands that were accepted just now and set something going. */
function accepted(before: Change, { change, effects }: Decision): CommandUnderway[] {
  return effects
    .filter((effect): effect is EffectOf<'answer-command'> => effect.type === 'answer-command')
    .filter(({ outcome }) => outcome.kind === 'accepted')
    .map(({ noteId, command }) => ({ noteId, command, projects: setGoing({ noteId, command }, change) }))
    .filter(
      ({ command, projects }) =>
        projects.length > 0 || (command.verb === 'plan' && before.projects.length === 0),
    );
}

function setGoing({ noteId, command }: Omit<CommandUnderway, 'projects'>, { projects }: Change): string[] {
  switch (command.verb) {
    case 'apply':
    case 'confirm':
      return projects.filter((project) => isApplied(project, noteId)).map(({ key }) => key);
    case 'plan':
    case 'import':
    case 'state-rm':
      return projects
        .filter((project) => isBeingPlanned(project) && isSelected(project, command.select))
        .map(({ key }) => key);
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
      return [];
  }
}

/** Which projects it is about is known only once the merge request was read. */
function withProjects(command: CommandUnderway, before: Change, after: Change): CommandUnderway {
  if (command.projects.length > 0 || !isRead(command, before, after)) return command;
  return { ...command, projects: setGoing(command, after) };
}

function isRead({ projects }: CommandUnderway, before: Change, after: Change): boolean {
  return (
    projects.length > 0 || before.revision !== after.revision || before.notAdmitted !== after.notAdmitted
  );
}

function rests({ noteId, command, projects }: CommandUnderway, after: Change): boolean {
  const concerned = after.projects.filter(({ key }) => projects.includes(key));
  return !concerned.some((project) =>
    isToApply(command) ? isApplied(project, noteId) : isBeingPlanned(project),
  );
}

function isToApply({ verb }: Command): boolean {
  return verb === 'apply' || verb === 'confirm';
}

/** The project is being applied, its gates are being asked for that, or it waits for its time, because of the comment. */
function isApplied(project: Project, noteId: number): boolean {
  return commandOf(project)?.noteId === noteId;
}

/** The gates of an apply have answered: terraform runs, or waits for its time. */
function goingOn(underway: CommandUnderway, before: Change, after: Change): Effect[] {
  const { noteId, command } = underway;
  const isAsked = (project: Project) => project.status === 'gating' && isApplied(project, noteId);
  if (!before.projects.some(isAsked) || after.projects.some(isAsked)) return [];
  const concerned = after.projects.filter((project) => isApplied(project, noteId));
  const doing = whatGoesOn(concerned);
  // A look that found what the one before it found is no news.
  if (doing === whatGoesOn(before.projects.filter((project) => isApplied(project, noteId)))) return [];
  return [{ type: 'answer-command', noteId, command, outcome: { kind: 'accepted', doing } }];
}

function whatGoesOn(projects: readonly Project[]): string {
  const running = projects.filter(({ status }) => status === 'applying').map(({ key }) => key);
  const waiting = projects.filter(isOrdered);
  const times = [...new Set(waiting.flatMap(whatFor))];
  return [
    ...(running.length === 0 ? [] : [`${inShort(running)} being applied`]),
    ...(waiting.length === 0
      ? []
      : [
          `${inShort(waiting.map(({ key }) => key))} approved: ${times.slice(0, 3).join('; ')}; \`countersign cancel\` calls it off`,
        ]),
  ].join('; ');
}

/** What it waits for, and what then becomes of it. */
function whatFor(project: Project): string[] {
  const reasons =
    project.status === 'blocked'
      ? project.reasons
      : project.status === 'gating'
        ? (project.standing ?? [])
        : [];
  return reasons.map(({ reason, remedy }) => `${reason}; ${remedy}`);
}

/** How it ended: refused when the gates of every project said no, else how each of them stands now. */
function ending({ noteId, command, projects }: CommandUnderway, { change, refusals }: Decision): Effect {
  const concerned = change.projects.filter(({ key }) => projects.includes(key));
  const refused = refusals.filter(({ project }) => project !== undefined && projects.includes(project));
  const isRefused = refused.length > 0 && refused.length === concerned.length;
  const outcome: CommandOutcome = isRefused
    ? { kind: 'refused', refusals: refused }
    : { kind: 'done', results: concerned.map((project) => resultOf(command, project, refused, change)) };
  return { type: 'answer-command', noteId, command, outcome };
}

function resultOf(
  command: Command,
  project: Project,
  refused: readonly Refusal[],
  change: Change,
): CommandResult {
  const { key, status } = project;
  const gates = project.status === 'blocked' ? project.reasons.map(({ gate }) => gate) : [];
  const reason =
    'reason' in project
      ? project.reason
      : gates.length > 0
        ? `not open: ${gates.join(', ')}`
        : (refused.find((each) => each.project === key)?.reason ?? whyUnapproved(command, project, change));
  return {
    project: key,
    status,
    ...('plan' in project ? { counts: project.plan.counts } : {}),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Why somebody has to approve it again. */
function whyUnapproved(command: Command, { status }: Project, { ticket }: Change): string | undefined {
  if (!isToApply(command) || status !== 'awaiting-approval') return undefined;
  const why = ticket.status === 'open' && 'why' in ticket.review ? ticket.review.why : undefined;
  return `it has to be approved again: ${why ?? 'the plan is another one'}`;
}
