import { roleInWords } from './access-level.ts';
import type { Change } from './change.ts';
import type { Asker, Project } from './project.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './command.ts';
import { attemptOpen, type Decision, signal, undisturbed, withEffects, withRefusals } from './decision.ts';
import type { CommandOutcome } from './effect.ts';
import type { FactOf } from './fact.ts';
import { withoutHold } from './holds.ts';
import type { Refusal } from './refusal.ts';
import { withdraw } from './ticket-steps.ts';

type Given = FactOf<'command-received'>;

/** A person asked for something in a comment: it is done, queued, or refused with every reason at once. */
export function onCommand(change: Change, fact: Given, at: string): Decision {
  const { command, by } = fact;
  switch (command.verb) {
    case 'help':
      return answer(undisturbed(change), fact, { kind: 'help' });
    case 'unknown':
      return refuse(undisturbed(change), fact, [unknownCommand(command)]);
    case 'plan':
      return onPlan(change, fact, at);
    case 'apply':
      return onApply(change, fact, at);
    case 'cancel':
      return onCancel(change, fact, at);
    case 'unlock':
      return onUnlock(change, fact, command.project);
    case 'resolve': {
      const refusals = [...operatorRefusals(by, false, change), ...resolveRefusals(change, command.project)];
      if (refusals.length > 0) return refuse(undisturbed(change), fact, refusals);
      const { project, as, reason } = command;
      const attemptId = interruptedAttempt(change, project) ?? '';
      return withEffects(undisturbed(change), {
        type: 'resolve-attempt',
        project,
        attemptId,
        as,
        by,
        reason,
        noteId: fact.noteId,
      });
    }
  }
}

function onPlan(change: Change, fact: Given, at: string): Decision {
  const refusals = [...over(change), ...memberRefusals(fact.by)];
  if (refusals.length > 0) return refuse(undisturbed(change), fact, refusals);
  if (change.projects.length === 0) {
    return answer(withEffects(undisturbed(change), { type: 'read-merge-request' }), fact, {
      kind: 'accepted',
      doing: 'the merge request is being read again',
    });
  }
  const told = signal(undisturbed(change), at, { type: 'plan-commanded' });
  return concluded(change, told, fact, 'every project is being planned again', {
    code: 'nothing-to-plan',
    reason: 'every project is applied, or is planned as soon as its ticket is there',
    remedy: 'push a commit to change it further',
  });
}

function onApply(change: Change, fact: Given, at: string): Decision {
  const ended = over(change);
  const standing = [...ended, ...operatorRefusals(fact.by, true, change)];
  const nothing = change.projects.length === 0 ? [nothingToApply()] : [];
  if (standing.length + nothing.length > 0) {
    // What is over, or not admitted at all, does not wait for an approval.
    const missing = ended.length > 0 ? [] : [...nothing, ...unapproved(change)];
    return refuse(undisturbed(change), fact, [...standing, ...missing]);
  }
  const command = { noteId: fact.noteId, by: fact.by };
  const told = signal(undisturbed(change), at, { type: 'apply-commanded', command }, isLeftToApply);
  if (!change.projects.some(isLeftToApply)) return refuse(undisturbed(change), fact, [nothingToApply()]);
  return concluded(change, told, fact, 'the gates are being asked', nothingToApply());
}

function onCancel(change: Change, fact: Given, at: string): Decision {
  const refusals = [...over(change), ...memberRefusals(fact.by)];
  if (refusals.length > 0) return refuse(undisturbed(change), fact, refusals);
  const running = change.projects.some(attemptOpen);
  const mayNotInterrupt = running ? operatorRefusals(fact.by, false, change) : [];
  if (mayNotInterrupt.length > 0) return refuse(undisturbed(change), fact, mayNotInterrupt);
  const told = signal(undisturbed(change), at, { type: 'cancelled' });
  const { ticket } = change;
  const withdrawn =
    ticket.status === 'open' && !ticket.spent && told.change.projects.some(isCancelled)
      ? withdraw(told, 'it was cancelled')
      : told;
  const doing = 'what was queued or being planned is stopped; a running apply is interrupted';
  return concluded(change, withdrawn, fact, doing, {
    code: 'nothing-to-cancel',
    reason: 'nothing is queued, being planned or being applied',
    remedy: 'nothing is to be done',
  });
}

/** Gives back the hold of a project that is not being applied; a quarantine is lifted the same way. */
function onUnlock(change: Change, fact: Given, key: string): Decision {
  const refusals = [...operatorRefusals(fact.by, false, change), ...unlockRefusals(change, key)];
  if (refusals.length > 0) return refuse(undisturbed(change), fact, refusals);
  const released = undisturbed(withoutHold(change, key));
  return answer(released, fact, { kind: 'accepted', doing: `the hold on ${key} was released` });
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
function resolveRefusals(change: Change, key: string): Refusal[] {
  if (!change.projects.some((project) => project.key === key)) return [unknownProject(key)];
  if (interruptedAttempt(change, key) !== undefined) return [];
  const reason = `no apply of ${key} is interrupted`;
  return [{ code: 'not-interrupted', reason, remedy: 'nothing is to be resolved', project: key }];
}

export function interruptedAttempt(change: Change, key: string): string | undefined {
  const project = change.projects.find((candidate) => candidate.key === key);
  return project?.status === 'apply-interrupted' ? project.attemptId : undefined;
}

/** Done if anything moved; else refused, with what the projects say or, when they say nothing, with `idle`. */
function concluded(before: Change, told: Decision, fact: Given, doing: string, idle: Refusal): Decision {
  const moved =
    told.effects.length > 0 || told.change.projects.some((project, i) => project !== before.projects[i]);
  if (moved) return answer(told, fact, { kind: 'accepted', doing });
  if (told.refusals.length === 0) return refuse(told, fact, [idle]);
  return answer(told, fact, { kind: 'refused', refusals: told.refusals });
}

function answer(decision: Decision, { noteId, command }: Given, outcome: CommandOutcome): Decision {
  return withEffects(decision, { type: 'answer-command', noteId, command, outcome });
}

function refuse(decision: Decision, fact: Given, refusals: Refusal[]): Decision {
  return answer(withRefusals(decision, ...refusals), fact, { kind: 'refused', refusals });
}

function isCancelled(project: Project): boolean {
  return project.status === 'cancelled';
}

function isLeftToApply(project: Project): boolean {
  return project.status !== 'no-changes' && project.status !== 'applied' && project.status !== 'released';
}

function over(change: Change): Refusal[] {
  if (change.merge.status === 'merged' || change.merge.status === 'closed') {
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

function memberRefusals(by: Asker): Refusal[] {
  if (by.roles.includes('planner')) return [];
  const reason = `@${by.username} is ${roleInWords(by.accessLevel)} of this project and may not ask for that here`;
  return [{ code: 'not-a-member', reason, remedy: 'ask a member of the project to comment' }];
}

function operatorRefusals(by: Asker, mustDifferFromRequester: boolean, change: Change): Refusal[] {
  const refusals: Refusal[] = [];
  if (!by.roles.includes('operator')) {
    const reason = `@${by.username} does not have the operator role`;
    refusals.push({ code: 'not-an-operator', reason, remedy: 'ask an operator to comment' });
  }
  if (mustDifferFromRequester && by.gitlabId === change.author.id) {
    const reason = `@${by.username} asked for this change, and requester and operator are different people`;
    refusals.push({ code: 'operator-is-requester', reason, remedy: 'ask another operator to comment' });
  }
  return refusals;
}

function unapproved(change: Change): Refusal[] {
  if (change.ticket.status === 'open' && change.ticket.review.status === 'approved') return [];
  const where =
    change.ticket.status === 'open'
      ? `ticket ${change.ticket.key} is not approved`
      : 'it has no approved ticket';
  return [{ code: 'not-approved', reason: where, remedy: 'an approver moves the ticket to Approved' }];
}

function nothingToApply(): Refusal {
  return {
    code: 'nothing-to-apply',
    reason: 'no project of this change has anything to apply',
    remedy: 'nothing is to be done',
  };
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

function unknownCommand(command: Extract<Command, { verb: 'unknown' }>): Refusal {
  const known = COMMANDS.map(({ usage }) => `\`${usage}\``).join(', ');
  const remedy =
    command.didYouMean === undefined
      ? `the commands are ${known}`
      : `did you mean \`${command.didYouMean}\`?`;
  return { code: 'unknown-command', reason: 'that is not a command', remedy };
}
