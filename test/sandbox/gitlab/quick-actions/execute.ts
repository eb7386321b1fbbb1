import { approve, mayApprove, unapprove } from '../approvals.ts';
import { isDraft, withoutDraft } from '../draft.ts';
import { ApiError } from '../errors.ts';
import {
  changeMergeRequest,
  closeMergeRequest,
  type MergeRequestChange,
  reopenMergeRequest,
} from '../merge-request-changes.ts';
import { acceptMergeRequest } from '../accept.ts';
import { rebaseMergeRequest } from '../merging.ts';
import { LEVEL, type MergeRequest, type User } from '../model.ts';
import { mayMergeInto } from '../protected-refs.ts';
import { accessLevel, later, nextId, now, targetProject, userByName, type World } from '../world.ts';
import type { Command } from './extract.ts';
import { ALIASES, EXECUTED, type ExecutedCommand } from './names.ts';

export interface Outcome {
  /** What GitLab calls `commands_changes`: the parameters the commands set. */
  changes: Record<string, unknown>;
  summary: string[];
}

interface Context {
  world: World;
  mergeRequest: MergeRequest;
  user: User;
}

/** Carries out commands with the rights of the one who wrote them; what is not allowed has no effect and no message. */
export async function executeCommands(context: Context, commands: Command[]): Promise<Outcome> {
  const outcome: Outcome = { changes: {}, summary: [] };
  for (const command of commands) {
    const name = ALIASES[command.name] ?? command.name;
    const known = EXECUTED.find((one) => one === name);
    if (known === undefined) continue;
    const message = await attempt(context, known, command.argument, outcome);
    if (message !== undefined) outcome.summary.push(message);
  }
  return outcome;
}

async function attempt(context: Context, name: ExecutedCommand, argument: string, outcome: Outcome) {
  try {
    return await RUN[name](context, argument, outcome.changes);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

type Run = (context: Context, argument: string, changes: Outcome['changes']) => Promise<string | undefined>;

const RUN: Record<ExecutedCommand, Run> = {
  approve: async ({ world, mergeRequest, user }) => {
    if (!mayApprove(world, mergeRequest, user)) return undefined;
    await approve(world, mergeRequest, user);
    return 'Approved the current merge request.';
  },
  unapprove: async ({ world, mergeRequest, user }) => {
    await unapprove(world, mergeRequest, user);
    return 'Unapproved the current merge request.';
  },
  merge: async ({ world, mergeRequest, user }, _argument, changes) => {
    if (!mayMergeInto(world, targetProject(world, mergeRequest), user.id, mergeRequest.targetBranch))
      return undefined;
    await acceptMergeRequest(world, mergeRequest, user, { sha: mergeRequest.sha, autoMerge: true });
    changes['merge'] = mergeRequest.sha;
    return mergeRequest.autoMerge === null
      ? 'Merged this merge request.'
      : 'Scheduled to merge this merge request (Merge when checks pass).';
  },
  close: async (context, _argument, changes) => {
    if (!mayUpdate(context) || context.mergeRequest.state !== 'opened') return undefined;
    await closeMergeRequest(context.world, context.mergeRequest, context.user);
    changes['state_event'] = 'close';
    return 'Closed this merge request.';
  },
  reopen: async (context, _argument, changes) => {
    if (!mayUpdate(context) || context.mergeRequest.state !== 'closed') return undefined;
    await reopenMergeRequest(context.world, context.mergeRequest, context.user);
    changes['state_event'] = 'reopen';
    return 'Reopened this merge request.';
  },
  label: (context, argument, changes) => {
    const names = labelNames(argument);
    changes['add_label_ids'] = names;
    const labels = [...context.mergeRequest.labels, ...names];
    return update(context, { labels }, `Added ${names.map((name) => `~${name}`).join(' ')} label(s).`);
  },
  unlabel: (context, argument, changes) => {
    const names = argument === '' ? context.mergeRequest.labels : labelNames(argument);
    changes['remove_label_ids'] = names;
    const labels = context.mergeRequest.labels.filter((label) => !names.includes(label));
    return update(context, { labels }, 'Removed label(s).');
  },
  relabel: (context, argument, changes) => {
    changes['label_ids'] = labelNames(argument);
    return update(context, { labels: labelNames(argument) }, 'Replaced all labels.');
  },
  draft: (context, _argument, changes) => {
    const { title } = context.mergeRequest;
    changes['wip_event'] = 'draft';
    return update(
      context,
      { title: isDraft(title) ? title : `Draft: ${title}` },
      'Marked this merge request as a draft.',
    );
  },
  ready: (context, _argument, changes) => {
    changes['wip_event'] = 'ready';
    return update(
      context,
      { title: withoutDraft(context.mergeRequest.title) },
      'Marked this merge request as ready.',
    );
  },
  title: (context, argument, changes) => {
    if (argument === '') return Promise.resolve(undefined);
    changes['title'] = argument;
    return update(context, { title: argument }, `Changed the title to "${argument}".`);
  },
  assign: (context, argument, changes) => {
    const ids = userIds(context, argument);
    changes['assignee_ids'] = ids;
    const assigneeIds = [...new Set([...context.mergeRequest.assigneeIds, ...ids])];
    return update(context, { assigneeIds }, `Assigned ${argument}.`);
  },
  unassign: (context, _argument, changes) => {
    changes['assignee_ids'] = [];
    return update(context, { assigneeIds: [] }, 'Removed assignees.');
  },
  assign_reviewer: (context, argument, changes) => {
    const ids = userIds(context, argument);
    changes['reviewer_ids'] = ids;
    const reviewerIds = [...new Set([...context.mergeRequest.reviewerIds, ...ids])];
    return update(context, { reviewerIds }, `Requested a review from ${argument}.`);
  },
  unassign_reviewer: (context, _argument, changes) => {
    changes['reviewer_ids'] = [];
    return update(context, { reviewerIds: [] }, 'Removed reviewers.');
  },
  target_branch: (context, argument, changes) => {
    changes['target_branch'] = argument;
    return update(context, { targetBranch: argument }, `Set target branch to ${argument}.`);
  },
  rebase: async (context) => {
    const { world, mergeRequest, user } = context;
    if (!mayUpdate(context) || mergeRequest.rebaseInProgress) return undefined;
    mergeRequest.rebaseInProgress = true;
    later(world, world.mergeStatusDelayMs, () => rebaseMergeRequest(world, mergeRequest, user));
    return 'Scheduled a rebase of branch ' + mergeRequest.sourceBranch + '.';
  },
  react: async ({ world, mergeRequest, user }, argument, changes) => {
    const name = argument.replaceAll(':', '').trim();
    if (name === '' || mergeRequest.awards.some((one) => one.userId === user.id && one.name === name))
      return undefined;
    mergeRequest.awards.push({ id: nextId(world), name, userId: user.id, createdAt: now() });
    changes['emoji_award'] = name;
    return `Toggled :${name}: emoji reaction.`;
  },
};

async function update(
  context: Context,
  change: MergeRequestChange,
  message: string,
): Promise<string | undefined> {
  if (!mayUpdate(context)) return undefined;
  await changeMergeRequest(context.world, context.mergeRequest, context.user, change);
  return message;
}

function mayUpdate({ world, mergeRequest, user }: Context): boolean {
  const level = accessLevel(world, targetProject(world, mergeRequest), user.id);
  return level >= LEVEL.developer || mergeRequest.authorId === user.id;
}

function labelNames(argument: string): string[] {
  return [...argument.matchAll(/~"([^"]+)"|~(\S+)|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
}

function userIds({ world, user }: Context, argument: string): number[] {
  return argument.split(/[\s,]+/).flatMap((word) => {
    if (word === 'me') return [user.id];
    const found = userByName(world, word.replace(/^@/, ''));
    return found === undefined ? [] : [found.id];
  });
}
