import { planToTell } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import type { Project } from '#domain/project.ts';
import type { CheckRef } from '#domain/plan-ref.ts';
import { changeStatus } from '#domain/change-status.ts';
import { plural } from './counts.ts';
import { cellCode, clause, fence, inlineCode, link, sentence, shortened } from './escape.ts';
import { asShown, countsOf, planOf } from './note-model.ts';
import type { ChangeModel } from './note-model.ts';
import { planDetails } from './plan-details.ts';
import { ticketLink, verdictLine } from './verdict-line.ts';

/** GitLab takes a million; nobody reads more than this, and mail carries it. The rest is on the change's page. */
const MOST = 60_000;
const MOST_OF_ONE_PLAN = 16_000;

/**
 * The one note of a merge request, edited in place: what to do next and by whom, then the projects, what stands in the
 * way, and the plans folded away. Text of others stands only in code (see escape.ts). At most 60,000 characters.
 */
export function summaryNote(present: ChangeModel): string {
  const model = { ...present, change: asShown(present.change) };
  const { change } = model;
  const head = join([
    verdictLine(change),
    projectTable(model),
    ...change.projects.map(trouble),
    ...change.projects.map((project) => checkFindings(project, model)),
    releaseTrouble(change),
    facts(model),
  ]);
  const foot = footer(model);
  const room = MOST - head.length - foot.length - 500;
  return join([head, plans(model, room), foot]);
}

function join(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}

/** Rows beyond this would crowd out the plans; the page has them all. */
const MOST_ROWS = 150;

function projectTable(model: ChangeModel): string | undefined {
  const { projects } = model.change;
  if (projects.length === 0) return undefined;
  const rows = projects.slice(0, MOST_ROWS).map((project) => projectRow(project, model));
  const more = projects.length - rows.length;
  return [
    '| Project | Status | Add | Change | Replace | Destroy | Checks |',
    '|---|---|--:|--:|--:|--:|---|',
    ...rows,
    ...(more > 0
      ? ['', `${plural(more, 'more project')} on ${link('the change’s page', model.pageUrl)}.`]
      : []),
  ].join('\n');
}

function projectRow(project: Project, model: ChangeModel): string {
  const counts = countsOf(project, model);
  const number = (n: number | undefined) => (n === undefined ? '–' : n === 0 ? '0' : `**${n}**`);
  const cells = [
    cellCode(project.key),
    STATUS_WORDS[project.status],
    number(counts?.create),
    number(counts?.update),
    number(counts?.replace),
    number(counts?.delete),
    checksInWords(planToTell(project)?.checks),
  ];
  return `| ${cells.join(' | ')} |`;
}

const STATUS_WORDS: Readonly<Record<Project['status'], string>> = {
  'opening-ticket': 'opening ticket',
  planning: 'planning',
  'plan-failed': 'plan failed',
  'no-changes': 'no changes',
  'awaiting-approval': 'waiting for approval',
  rejected: 'rejected',
  expired: 'approval expired',
  gating: 'checking gates',
  blocked: 'blocked',
  ready: 'ready to apply',
  applying: 'applying',
  applied: 'applied',
  'apply-failed': 'apply failed',
  'apply-interrupted': 'apply interrupted',
  released: 'applied and tagged',
  'applied-unmerged': 'applied, not merged',
  merged: 'merged',
  cancelled: 'cancelled',
  closed: 'closed',
};

/** "3 passed", or the names of those that did not. */
function checksInWords(checks: readonly CheckRef[] | undefined): string {
  if (checks === undefined) return '–';
  if (checks.length === 0) return 'none';
  const bad = checks.filter((each) => each.result !== 'pass');
  if (bad.length === 0) return `${checks.length} passed`;
  const named = bad
    .slice(0, 3)
    .map((each) => `${cellCode(each.name, 60)} ${each.result === 'fail' ? 'failed' : 'unknown'}`);
  const more = bad.length > 3 ? [`${bad.length - 3} more`] : [];
  return [...named, ...more].join(', ');
}

/** What went wrong with a project, or stands in its way, and who can do what about it. */
function trouble(project: Project): string | undefined {
  const name = inlineCode(project.key);
  switch (project.status) {
    case 'plan-failed':
      return explained(`The plan of ${name} failed:`, project.reason);
    case 'blocked': {
      const lines = project.reasons.map((each) => {
        const answer = each.answer === 'unknown' ? 'unknown, which counts as no' : 'no';
        return `- ${inlineCode(each.gate)} ${answer}: ${clause(each.reason)}${emphasis(each.remedy)}`;
      });
      return [`${name} is blocked:`, '', ...lines].join('\n');
    }
    case 'apply-failed':
      return explained(`The apply of ${name} ended as ${inlineCode(project.failure)}:`, project.reason);
    case 'apply-interrupted':
      return explained(`The apply of ${name} was interrupted:`, project.reason);
    case 'applied-unmerged':
      return explained(`${name} is applied, but GitLab does not merge:`, project.reason);
    case 'opening-ticket':
    case 'planning':
    case 'no-changes':
    case 'awaiting-approval':
    case 'rejected':
    case 'expired':
    case 'gating':
    case 'ready':
    case 'applying':
    case 'applied':
    case 'released':
    case 'merged':
    case 'cancelled':
    case 'closed':
      return undefined;
  }
}

/** A reason on the same line when it is a sentence; below, as it was printed, when it is a tool's own output. */
function explained(lead: string, reason: string): string {
  if (!reason.trim().includes('\n')) return `${lead} ${clause(reason)}`;
  return [lead, '', fence(shortened(reason.trim(), 4_000))].join('\n');
}

/** Who can do what about it, set apart; nothing when there is nothing to say. */
function emphasis(remedy: string): string {
  return remedy.trim() === '' ? '' : ` *${sentence(remedy)}*`;
}

/** Findings of one check beyond these are on the change's page. */
const MOST_FINDINGS = 5;

/** Where the checks of a project's plan did not pass, and why: what its author has to change. */
function checkFindings(project: Project, model: ChangeModel): string | undefined {
  const bad = (planOf(project, model)?.checks ?? []).filter(({ result }) => result !== 'pass');
  if (bad.length === 0) return undefined;
  const lines = bad.flatMap(({ name, severity, findings, found }) => {
    const shown = findings.slice(0, MOST_FINDINGS).map(({ where, result, message }) => {
      const answer = result === 'fail' ? 'failed' : 'could not be decided';
      const weight = severity === 'warning' ? ' (a warning, which blocks nothing)' : '';
      return `- ${inlineCode(name, 60)} ${answer}${weight} on ${inlineCode(where)}: ${clause(message)}`;
    });
    const more = found - shown.length;
    return more > 0
      ? [
          ...shown,
          `- ${inlineCode(name, 60)}: ${plural(more, 'more place')}, ${link('listed here', model.pageUrl)}.`,
        ]
      : shown;
  });
  return [`What checks found in the plan of ${inlineCode(project.key)}:`, '', ...lines].join('\n');
}

function releaseTrouble({ release }: Change): string | undefined {
  if (release.status !== 'refused') return undefined;
  return `The release tag ${inlineCode(release.tag)} could not be made: ${clause(release.reason)} An operator makes room for it; it is then tried again.`;
}

function facts({ change, pageUrl }: ChangeModel): string {
  const { ticket, release, revision } = change;
  const approval =
    ticket.status === 'open' || ticket.status === 'closed' ? [`Approval: ${ticketLink(change)}`] : [];
  const tag = release.status === 'tagged' ? [`Release: ${inlineCode(release.tag)}`] : [];
  const version =
    revision === undefined
      ? []
      : [`Revision ${revision.number} at ${inlineCode(revision.headSha.slice(0, 12))}`];
  return [...approval, ...tag, ...version, link('History, gates and evidence', pageUrl)].join(' · ');
}

/** Plans as far as there is room; of what does not fit the names are said, so that nothing is missing silently. */
function plans(model: ChangeModel, room: number): string | undefined {
  const { change, pageUrl } = model;
  const blocks: string[] = [];
  const left: string[] = [];
  let used = 0;
  for (const project of change.projects) {
    const plan = planOf(project, model);
    if (plan === undefined) continue;
    const { key } = project;
    const block = planDetails(key, plan, pageUrl, MOST_OF_ONE_PLAN);
    if (left.length === 0 && used + block.length <= room) {
      blocks.push(block);
      used += block.length + 2;
    } else left.push(key);
  }
  if (left.length === 0) return join(blocks);
  const shown = left
    .slice(0, 5)
    .map((key) => inlineCode(key))
    .join(', ');
  const more = left.length > 5 ? ` and ${left.length - 5} more` : '';
  return join([
    ...blocks,
    `Not shown here for want of room: ${shown}${more}. ${link('See every plan', pageUrl)}.`,
  ]);
}

function footer({ change }: ChangeModel): string {
  const over = ['merged', 'closed'].includes(changeStatus(change));
  return over ? '' : 'Comment `countersign help` for what can be asked for here.';
}
