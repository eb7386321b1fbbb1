import { isApproving } from './approval.ts';
import { roleInWords } from './access-level.ts';
import type { Change } from './change.ts';
import { COMMANDS } from './command.ts';
import type { Command, Selector } from './command.ts';
import { attemptOpen } from './decision.ts';
import { isOver } from './over.ts';
import { operatesIn } from './mandate-uses.ts';
import { matchesPath } from './path-match.ts';
import type { Asker, Project } from './project.ts';
import type { Refusal } from './refusal.ts';
import { isSelected, selectorText, similarSelector } from './select.ts';

/** Nothing can be asked of a change that is over or was never admitted. */
export function refusedAsOver(change: Change): Refusal[] {
  if (isOver(change)) {
    const reason = `the merge request is ${change.merge.status}`;
    return [{ code: 'change-is-over', reason, remedy: 'open another merge request' }];
  }
  if (change.notAdmitted !== undefined) {
    return [
      {
        code: 'not-admitted',
        reason: change.notAdmitted.reason,
        remedy: 'nothing is planned or applied before that',
      },
    ];
  }
  return [];
}

/** Whether whoever asked may ask for this at all: a member of the project, and of the groups the command is reserved for. */
export function memberRefusals(by: Asker, command: Command, change: Change): Refusal[] {
  if (!by.roles.includes('planner')) {
    const reason = `@${by.username} is ${roleInWords(by.accessLevel)} of this project and may not ask for that here`;
    const least = by.takesLevel === undefined ? 'a member' : `at least ${roleInWords(by.takesLevel)}`;
    const remedy = `ask somebody who is ${least} of the project to comment, or for that role in GitLab`;
    return [{ code: 'not-a-member', reason, remedy }];
  }
  return barred(by, command, change);
}

/** Whether whoever asked may do what operators do; where asked for, they must be another person than the requester. */
export function operatorRefusals(
  by: Asker,
  command: Command,
  change: Change,
  who: { mayBeRequester: boolean },
): Refusal[] {
  const refusals = barred(by, command, change);
  const dirs = concerned(command, change).map(({ dir }) => dir);
  if (!operatesIn(by, dirs)) refusals.push(notAnOperator(by));
  if (!who.mayBeRequester && by.gitlabId === change.author.id) {
    const reason = `@${by.username} asked for this change, and requester and operator are different people`;
    refusals.push({ code: 'operator-is-requester', reason, remedy: 'ask another operator to comment' });
  }
  return refusals;
}

function notAnOperator({ grants = [], unseen, username }: Asker): Refusal {
  if (unseen !== undefined)
    return {
      code: 'not-an-operator',
      reason: `whether @${username} has the operator role is not known: ${unseen}`,
      remedy: 'comment again once it answers',
    };
  const granted = grants.flatMap(({ projects }) => projects).join(', ');
  return granted === ''
    ? {
        code: 'not-an-operator',
        reason: `@${username} does not have the operator role`,
        remedy: 'ask an operator to comment',
      }
    : {
        code: 'not-an-operator',
        reason: `@${username} has operator rights for ${granted} only`,
        remedy: 'ask an operator to comment, or name only such projects with -p',
      };
}

/** What is reserved for others in the projects that the command is about; of no project we know, it is reserved too. */
function barred(by: Asker, command: Command, change: Change): Refusal[] {
  const dirs = concerned(command, change).map(({ dir }) => dir);
  return reservedIn(by, command.verb, dirs);
}

/** Why somebody may not give a command in these folders, as far as it is reserved for others there. */
export function reservedIn(
  { barred: reserved = [], username }: Pick<Asker, 'barred' | 'username'>,
  asked: Command['verb'],
  dirs: readonly string[],
): Refusal[] {
  const isMeant = (patterns: readonly string[] | undefined) =>
    patterns === undefined ||
    dirs.length === 0 ||
    dirs.some((dir) => patterns.some((pattern) => matchesPath(pattern, dir)));
  return reserved
    .filter(({ verb, projects }) => verb === asked && isMeant(projects))
    .map(({ needs, unseen }) => ({
      code: 'not-permitted',
      reason:
        unseen === undefined
          ? `here this is reserved for ${needs}, and @${username} is not among them`
          : `here this is reserved for ${needs}, and whether @${username} is among them is not known: ${unseen}`,
      remedy: unseen === undefined ? 'ask one of them to comment' : 'ask an administrator to mend that',
    }));
}

function concerned(command: Command, { projects }: Change): readonly Project[] {
  if ('project' in command) return projects.filter(({ key }) => key === command.project);
  return projects.filter((project) => isSelected(project, 'select' in command ? command.select : undefined));
}

/** Why a hold cannot be given back, if it cannot; also asked before the same is done from the command line. */
export function unlockRefusals(change: Change, key: string): Refusal[] {
  if (change.projects.some((project) => project.key === key && attemptOpen(project))) {
    const reason = `${key} may still be running an apply`;
    const remedy = `wait for its end, or say how it ended: countersign resolve ${key} applied|not-applied REASON`;
    return [{ code: 'attempt-running', reason, remedy, project: key }];
  }
  if (change.holds.some(({ project }) => project === key)) return [];
  return change.projects.some((project) => project.key === key) ? [notHeld(key)] : [unknownProject(key)];
}

/** Why nobody can say how an apply of the project ended, if nobody can. */
export function resolveRefusals(change: Change, key: string): Refusal[] {
  if (!change.projects.some((project) => project.key === key)) return [unknownProject(key)];
  if (interruptedAttempt(change, key) !== undefined) return [];
  const reason = `no apply of ${key} is interrupted`;
  return [{ code: 'not-interrupted', reason, remedy: 'nothing is to be resolved', project: key }];
}

/** The attempt of the project that nobody knows the end of, if there is one. */
export function interruptedAttempt(change: Change, key: string): string | undefined {
  const project = change.projects.find((candidate) => candidate.key === key);
  return project?.status === 'apply-interrupted' ? project.attemptId : undefined;
}

export function tooMany(what: string): Refusal {
  return {
    code: 'too-many',
    reason: `so many ${what} that no more are taken`,
    remedy: 'wait for what is under way',
  };
}

export function notApproved(change: Change): Refusal[] {
  if (change.ticket.status === 'open' && isApproving(change.ticket.review)) return [];
  const where =
    change.ticket.status === 'open'
      ? `ticket ${change.ticket.key} is not approved`
      : 'it has no approved ticket';
  return [{ code: 'not-approved', reason: where, remedy: 'an approver moves the ticket to Approved' }];
}

export function nothingToApply(): Refusal {
  return {
    code: 'nothing-to-apply',
    reason: 'no project of this change has anything to apply',
    remedy: 'nothing is to be done',
  };
}

/** No project fits what was typed; those there are, so that the next try fits. */
export function nothingSelected(change: Change, select: Selector): Refusal {
  const known = change.projects.map(({ key }) => key);
  const meant = similarSelector(change.projects, select);
  const listed = known.slice(0, 5).join(', ');
  const more = known.length > 5 ? ` and ${known.length - 5} more` : '';
  return {
    code: 'unknown-project',
    reason: `“${selectorText(select)}” fits no project here`,
    remedy:
      known.length === 0
        ? 'this change has no projects yet'
        : `${meant === undefined ? '' : `did you mean “${meant}”? `}${meant === undefined ? 'this' : 'This'} change is about ${listed}${more}`,
  };
}

export function needsOneProject(change: Change, select: Selector | undefined): Refusal {
  const reason =
    select === undefined ? 'it has to name one project' : `“${selectorText(select)}” fits several projects`;
  const example = change.projects[0]?.key ?? 'NAME';
  return { code: 'unknown-project', reason, remedy: `name one with -p, such as “-p ${example}”` };
}

function unknownProject(key: string): Refusal {
  return {
    code: 'unknown-project',
    reason: `this change has no project ${key}`,
    remedy: 'take a name from the note above',
  };
}

function notHeld(key: string): Refusal {
  return {
    code: 'not-held',
    reason: `this change does not hold ${key}`,
    remedy: 'nothing is to be unlocked',
    project: key,
  };
}

export function unknownCommand(command: Extract<Command, { verb: 'unknown' }>): Refusal {
  const known = COMMANDS.map(({ usage }) => `\`${usage}\``).join(', ');
  const remedy =
    command.didYouMean === undefined
      ? `the commands are ${known}`
      : `did you mean \`${command.didYouMean}\`?`;
  return { code: 'unknown-command', reason: command.why ?? 'that is not a command', remedy };
}
