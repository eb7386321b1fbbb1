import { planToTell } from '#domain/approved-tuple.ts';
import type { CheckRef, PlanCounts } from '#domain/plan-ref.ts';
import type { Project } from '#domain/project.ts';
import { isEarly } from '#domain/early.ts';
import { isForecast } from '#domain/waves.ts';
import { otherCounts, plural } from './counts.ts';
import { cellCode, inlineCode, link } from './escape.ts';
import type { Part } from './fit.ts';
import { countsOf, projectUrl } from './note-model.ts';
import type { ChangeModel } from './note-model.ts';

/** A link in each of more rows than this would crowd out the plans; the page has them all in one place. */
const MOST_LINKS = 60;
/** A longer table is read by nobody; further projects are named below it. */
const MOST_ROWS = 250;
const FEW_ROWS = 40;
/** Beyond this what stands below the table would be out of sight. */
const MOST_OPEN = 20;
/** Up to this many projects without changes stand in the table like the others. */
const FEW_UNCHANGED = 5;

/**
 * The projects of a change, those that need somebody first, then those that change something; many without changes are
 * one line. The shorter versions name projects instead of describing them.
 */
export function projectTable(model: ChangeModel): Part[] {
  const { change, telling } = model;
  if (change.projects.length === 0) return [];
  const ranked = change.projects.toSorted((a, b) => rank(a, model) - rank(b, model) || a.wave - b.wave);
  const unchanged = ranked.filter(({ status }) => status === 'no-changes');
  const inTable =
    !telling.leavesOutUnchanged && unchanged.length <= FEW_UNCHANGED
      ? ranked
      : ranked.filter(({ status }) => status !== 'no-changes');
  const few = table(inTable.slice(0, FEW_ROWS), inTable.slice(FEW_ROWS), model, false);
  const many = table(inTable.slice(0, MOST_ROWS), inTable.slice(MOST_ROWS), model, false);
  const linked = inTable.length <= MOST_LINKS ? [table(inTable, [], model, true)] : [];
  const rows: Part = { versions: [named(inTable, model), few, many, ...linked], importance: 1 };
  return inTable.length === ranked.length ? [rows] : [rows, unchangedLine(unchanged, model)];
}

/** What needs somebody stands before what changes something, and that before what does neither. */
function rank(project: Project, model: ChangeModel): number {
  switch (project.status) {
    case 'plan-failed':
      return isForecast(model.change, project) ? 1 : 0;
    case 'apply-failed':
    case 'apply-interrupted':
    case 'applied-unmerged':
    case 'blocked':
    case 'rejected':
    case 'expired':
    case 'held':
      return 0;
    case 'opening-ticket':
    case 'planning':
    case 'awaiting-approval':
    case 'gating':
    case 'ready':
    case 'applying':
    case 'applied':
    case 'released':
    case 'merged':
      return 1;
    case 'no-changes':
    case 'cancelled':
    case 'closed':
      return 2;
  }
}

interface Column {
  header: string;
  rule: '---' | '--:';
  cell: (project: Project, counts: PlanCounts | undefined) => string;
}

/** What needs somebody and what changes most of a screen stands open; the rest is folded away, and what is too many named. */
function table(
  rows: readonly Project[],
  rest: readonly Project[],
  model: ChangeModel,
  isLinked: boolean,
): string {
  const columns = columnsFor(model, isLinked);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = (projects: readonly Project[]) =>
    [
      row(columns.map(({ header }) => header)),
      `|${columns.map(({ rule }) => rule).join('|')}|`,
      ...projects.map((project) => row(columns.map(({ cell }) => cell(project, countsOf(project, model))))),
    ].join('\n');
  const isLong = rows.length > MOST_OPEN + FEW_UNCHANGED;
  const open = isLong ? rows.slice(0, MOST_OPEN) : rows;
  const folded = rows.slice(open.length);
  return [
    lines(open),
    ...(folded.length === 0
      ? []
      : [
          `<details><summary>${plural(folded.length, 'more project')}</summary>`,
          lines(folded),
          '</details>',
        ]),
    ...(rest.length === 0 ? [] : [named(rest, model)]),
  ].join('\n\n');
}

function columnsFor(model: ChangeModel, isLinked: boolean): Column[] {
  const { projects } = model.change;
  const waves = 1 + Math.max(0, ...projects.map(({ wave }) => wave));
  const number = (header: string, of: (counts: PlanCounts) => number): Column => ({
    header,
    rule: '--:',
    cell: (_, counts) => (counts === undefined ? '–' : bold(of(counts))),
  });
  const name = (project: Project) =>
    isLinked ? link(cellCode(project.key), projectUrl(model.pageUrl, project.key)) : cellCode(project.key);
  const wave: Column = { header: 'Wave', rule: '--:', cell: (project) => `${project.wave + 1}` };
  const also: Column = {
    header: 'Also',
    rule: '---',
    cell: (_, counts) => (counts === undefined ? '' : otherCounts(counts)),
  };
  const hasOthers = projects.some((project) => {
    const counts = countsOf(project, model);
    return counts !== undefined && otherCounts(counts) !== '';
  });
  return [
    { header: 'Project', rule: '---', cell: name },
    ...(waves > 1 ? [wave] : []),
    { header: 'Status', rule: '---', cell: (project) => statusInWords(project, model) },
    number('Add', ({ create }) => create),
    number('Change', ({ update }) => update),
    number('Replace', ({ replace }) => replace),
    number('Destroy', (counts) => counts.delete),
    ...(hasOthers ? [also] : []),
    { header: 'Checks', rule: '---', cell: (project) => checksInWords(planToTell(project)?.checks) },
  ];
}

function bold(n: number): string {
  return n === 0 ? '0' : `**${n}**`;
}

/** How a project stands. What a later wave plans is told as what it is: a forecast. */
function statusInWords(project: Project, { change }: Pick<ChangeModel, 'change'>): string {
  if (isEarly(project)) return 'approved, waits for its time';
  if (!isForecast(change, project)) return STATUS_WORDS[project.status];
  if (project.status === 'awaiting-approval') return 'forecast';
  if (project.status === 'no-changes') return 'forecast: no changes';
  return project.status === 'plan-failed' ? 'no forecast yet' : STATUS_WORDS[project.status];
}

const STATUS_WORDS: Readonly<Record<Project['status'], string>> = {
  'opening-ticket': 'opening ticket',
  planning: 'planning',
  held: 'waiting for another change',
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
  const shown = bad
    .slice(0, 3)
    .map((each) => `${cellCode(each.name, 60)} ${each.result === 'fail' ? 'failed' : 'unknown'}`);
  const more = bad.length > 3 ? [`${bad.length - 3} more`] : [];
  return [...shown, ...more].join(', ');
}

/** Names without a table: "20 more projects: …", cut off only where thousands of names would fill the note. */
function named(projects: readonly Project[], { change, pageUrl }: ChangeModel): string {
  const names: string[] = [];
  let used = 0;
  for (const { key } of projects) {
    const name = inlineCode(key);
    used += name.length + 2;
    if (used > MOST_OF_NAMES) break;
    names.push(name);
  }
  const left = projects.length - names.length;
  const what = projects.length < change.projects.length ? 'more project' : 'project';
  const rest = left > 0 ? ` and ${plural(left, 'other')}` : '';
  return `${plural(projects.length, what)}: ${names.join(', ')}${rest}. ${link('All of them', pageUrl)}.`;
}

const MOST_OF_NAMES = 15_000;

function unchangedLine(unchanged: readonly Project[], model: ChangeModel): Part {
  const { length } = unchanged;
  const verb = length === 1 ? 'has' : 'have';
  if (model.telling.leavesOutUnchanged)
    return {
      versions: [`${plural(length, 'project')} without changes ${length === 1 ? 'is' : 'are'} left out.`],
      importance: 1,
    };
  const names = unchanged.map(({ key }) => inlineCode(key)).join(', ');
  return {
    versions: [
      `${plural(length, 'project')} ${verb} no changes.`,
      `<details><summary>${plural(length, 'project')} ${verb} no changes</summary>\n\n${names}\n</details>`,
    ],
    importance: 2,
  };
}
