import { type Command, writeCommand } from '#domain/command.ts';
import type { CommandResult } from '#domain/effect.ts';
import { addCounts, countsInWords, plural } from './counts.ts';
import { clause, inlineCode, link } from './escape.ts';

/** Each project has a line of its own up to here; of more only those that failed have. */
const FEW = 8;
const MOST_NAMES = 20;

/** How a command ended, project by project; of many, what they come to together, and those that need somebody. */
export function commandResult(command: Command, results: readonly CommandResult[], pageUrl: string): string {
  const failed = results.filter((each) => hasFailed(command, each));
  const lead = `**${headline(command, results, failed)}** ${commandText(command)}`;
  const follow = link('What comes next', pageUrl);
  const [only] = results;
  if (only === undefined) return `${lead}: nothing here is to be planned. ${follow}.`;
  if (results.length === 1) return `${lead}: ${line(command, only)} ${follow}.`;
  if (results.length <= FEW)
    return [`${lead}:`, results.map((each) => `- ${line(command, each)}`).join('\n'), `${follow}.`].join(
      '\n\n',
    );
  const shown = failed.slice(0, MOST_NAMES).map((each) => `- ${line(command, each)}`);
  const more = failed.length - shown.length;
  return [
    `${lead}: ${together(command, results)}`,
    [...shown, ...(more > 0 ? [`- and ${plural(more, 'more project')}`] : [])].join('\n'),
    `${follow}.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Whether it did not come to what was asked for, and somebody has to do something about it. */
export function hasFailed(command: Command, { status }: CommandResult): boolean {
  return isApply(command) ? !APPLIED.has(status) : FAILED.has(status);
}

function isApply({ verb }: Command): boolean {
  return verb === 'apply' || verb === 'confirm';
}

const APPLIED: ReadonlySet<CommandResult['status']> = new Set([
  'applied',
  'released',
  'applied-unmerged',
  'merged',
  'no-changes',
]);
const FAILED: ReadonlySet<CommandResult['status']> = new Set([
  'plan-failed',
  'apply-failed',
  'apply-interrupted',
  'blocked',
  'rejected',
  'expired',
]);

function headline(
  command: Command,
  results: readonly CommandResult[],
  failed: readonly CommandResult[],
): string {
  if (failed.length === 0) return isApply(command) ? 'Applied' : 'Planned';
  return failed.length === results.length ? 'Failed' : 'Done, in part';
}

/** "`a`: 2 to add." */
function line(command: Command, result: CommandResult): string {
  const { project, reason } = result;
  const why = reason === undefined || !hasFailed(command, result) ? '' : `: ${reason}`;
  return `${inlineCode(project)}: ${clause(`${outcome(command, result)}${why}`)}`;
}

function outcome(command: Command, { status, counts }: CommandResult): string {
  const what = counts === undefined ? '' : countsInWords(counts);
  switch (status) {
    case 'no-changes':
      return 'no changes';
    case 'awaiting-approval':
    case 'gating':
    case 'ready':
      if (isApply(command)) return 'not applied';
      return what === '' ? 'planned' : what;
    case 'applied':
    case 'released':
    case 'applied-unmerged':
    case 'merged':
      return what === '' ? 'applied' : `applied (${done(what)})`;
    case 'plan-failed':
      return 'the plan failed';
    case 'apply-failed':
      return 'the apply failed';
    case 'apply-interrupted':
      return 'nobody knows how the apply ended';
    case 'blocked':
      return 'blocked';
    case 'held':
      return 'waits for another change';
    case 'planning':
    case 'opening-ticket':
      return 'planned again meanwhile';
    case 'applying':
      return 'being applied';
    case 'rejected':
      return 'rejected';
    case 'expired':
      return 'its approval expired';
    case 'cancelled':
      return 'cancelled';
    case 'closed':
      return 'the merge request was closed';
  }
}

/** "2 added": what was to be done is done. */
function done(what: string): string {
  return what
    .replaceAll('to add', 'added')
    .replaceAll('to change', 'changed')
    .replaceAll('to replace', 'replaced')
    .replaceAll('to destroy', 'destroyed')
    .replaceAll('to import', 'imported')
    .replaceAll('to move', 'moved')
    .replaceAll('to forget', 'forgotten');
}

/** "198 projects, 300 to add; 150 without changes; 2 failed." */
function together(command: Command, results: readonly CommandResult[]): string {
  const counts = addCounts(results.flatMap((each) => each.counts ?? []));
  const unchanged = results.filter(({ status }) => status === 'no-changes').length;
  const failed = results.filter((each) => hasFailed(command, each)).length;
  const parts = [
    `${plural(results.length, 'project')}, ${countsInWords(counts)}`,
    ...(unchanged > 0 ? [`${unchanged} without changes`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return `${parts.join('; ')}.`;
}

/** The command as it was typed, so that it can be copied and typed again. */
export function commandText(command: Command): string {
  return inlineCode(writeCommand(command), 2_000);
}
