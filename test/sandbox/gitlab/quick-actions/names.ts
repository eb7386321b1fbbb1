/** Aliases of the commands that the double carries out, to their own name. */
export const ALIASES: Record<string, string> = {
  labels: 'label',
  remove_label: 'unlabel',
  remove_assignee: 'unassign',
  reviewer: 'assign_reviewer',
  request_review: 'assign_reviewer',
  remove_reviewer: 'unassign_reviewer',
  award: 'react',
};

export const EXECUTED = [
  'approve',
  'unapprove',
  'merge',
  'close',
  'reopen',
  'label',
  'unlabel',
  'relabel',
  'draft',
  'ready',
  'title',
  'assign',
  'unassign',
  'assign_reviewer',
  'unassign_reviewer',
  'target_branch',
  'rebase',
  'react',
] as const;
export type ExecutedCommand = (typeof EXECUTED)[number];

/** Commands of merge requests that GitLab knows and the double takes out of the text without any effect. */
const RECOGNISED = [
  'subscribe',
  'unsubscribe',
  'todo',
  'done',
  'lock',
  'unlock',
  'milestone',
  'remove_milestone',
  'estimate',
  'remove_estimate',
  'spend',
  'remove_time_spent',
  'copy_metadata',
  'request_changes',
  'submit_review',
  'cc',
];

export const SUBSTITUTIONS: Record<string, string> = { shrug: '¯\\＿(ツ)＿/¯', tableflip: '(╯°□°)╯︵ ┻━┻' };

/** Longest first, so that an alternation never stops at a shorter name. */
export const COMMAND_NAMES = [
  ...EXECUTED,
  ...Object.keys(ALIASES),
  ...RECOGNISED,
  ...Object.keys(SUBSTITUTIONS),
].sort((one, other) => other.length - one.length);
