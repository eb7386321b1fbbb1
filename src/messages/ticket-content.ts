import { plannedProjects } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import type { Project } from '#domain/project.ts';
import { isForecast } from '#domain/waves.ts';
import { attributeName } from '#domain/plan/render.ts';
import type { ResourceSummary, Verb } from '#domain/plan/summarize.ts';
import type { TicketBlock, TicketContent, TicketText } from '#domain/ticket-document.ts';
import { addCounts, countsInWords, plural } from './counts.ts';
import { oneLine, shortened } from './escape.ts';
import { countsOf, planOf } from './note-model.ts';
import type { ChangeModel } from './note-model.ts';
import { byGravity } from './plan-details.ts';
import { planFiles } from './plan-files.ts';
import { riskLine } from './risk-line.ts';
import type { PlanComparison } from './answer-diff.ts';
import { differenceBlocks, textLength } from './ticket-difference.ts';

/** JIRA's rich text holds 32,767 characters; the attached plan has what the tables leave out. */
const MOST_TEXT = 31_000;
const MOST_ROWS = 80;
const MOST_ADDRESS = 160;

/** What only the service knows about the ticket it writes. */
export interface TicketModel extends ChangeModel {
  /** What came out differently than an earlier plan; none when nothing was in front of an approver before. */
  differences: readonly PlanComparison[];
  /** Hash of what an approval would bind; absent while a plan is still missing. */
  tupleHash: string | undefined;
  /** Names of the files attached with the plans. */
  attachments: readonly string[];
}

/** The ticket: what would be done, to what, how risky, asked by whom, and what moving it to Approved means. */
export function ticketContent(model: TicketModel): TicketContent {
  const sizes = [MOST_ROWS, 40, 20, 10, 5];
  const bodies = sizes.map((rows) => () => bodyOf(model, rows));
  const fitting = bodies.find((body) => textLength(body()) <= MOST_TEXT) ?? bodies.at(-1);
  return { summary: summary(model), body: fitting?.() ?? [] };
}

/** The ticket with tables of at most so many rows each. */
function bodyOf(model: TicketModel, rows: number): TicketBlock[] {
  const { change } = model;
  return [
    { kind: 'panel', tone: 'info', parts: [{ text: meaning(change) }] },
    ...risk(model),
    ...differenceBlocks(model.differences, rows * 150),
    { kind: 'heading', level: 2, text: 'What would be done' },
    ...projectTable(model, rows),
    ...resourceTable(model, rows),
    ...planFiles(model),
    { kind: 'heading', level: 2, text: 'Who asks, and for what' },
    asked(model),
    ...digests(model, rows),
  ];
}

/** "Apply !12 to fin/prod/network: 2 to add, 1 to destroy", at most 255 characters. */
function summary(model: TicketModel): string {
  const { change } = model;
  const [first, ...others] = change.projects;
  const where =
    first === undefined
      ? 'nothing'
      : others.length === 0
        ? first.key
        : `${first.key} and ${others.length} more`;
  const known = change.projects.flatMap((each) => countsOf(each, model) ?? []);
  const what = known.length === 0 ? 'being planned' : countsInWords(addCounts(known));
  return shortened(oneLine(`Apply !${change.mergeRequest.iid} to ${shortened(where, 150)}: ${what}`), 255);
}

function meaning(change: Change): string {
  if (plannedProjects(change).length === 0) {
    return 'Nothing is to be decided yet: the plan is being made with this ticket’s number and will be shown here. The ticket then moves to In review.';
  }
  return (
    'Moving this ticket to Approved allows exactly the plans below, once, as they are. A new push, a plan that comes out differently or the end of the approval’s time takes the approval back. Whoever wrote, committed, pushed or asked for the change cannot approve it. Moving it to Rejected ends the matter until a new version is pushed.' +
    forecasts(change)
  );
}

/** What an approver has to know where projects follow on each other. */
function forecasts(change: Change): string {
  const later = change.projects.filter((project) => isForecast(change, project));
  if (later.length === 0) return '';
  const waves = [...new Set(later.map(({ wave }) => wave + 1))].toSorted((a, b) => a - b);
  const which =
    waves.length === 1 ? `Wave ${waves.join()} is a forecast` : `Waves ${waves.join(', ')} are forecasts`;
  return ` ${which}: what it does depends on what is applied before it. Each is planned again once the wave in front is applied; if the plan is then another one, this ticket comes back to review with the difference.`;
}

function risk(model: TicketModel): TicketBlock[] {
  const risks = model.change.projects.flatMap((project) => {
    const plan = planOf(project, model);
    return plan === undefined ? [] : [{ project: project.key, risk: plan.risk }];
  });
  if (risks.length === 0) return [];
  const isHigh = risks.some((each) => each.risk.level === 'high');
  const warned = isHigh || risks.some((each) => each.risk.level === 'medium');
  const tone = isHigh ? 'error' : warned ? 'warning' : 'success';
  return [{ kind: 'panel', tone, parts: [{ text: oneLine(riskLine(risks)), style: 'strong' }] }];
}

function projectTable(model: TicketModel, most: number): TicketBlock[] {
  const { change } = model;
  const hasWaves = change.projects.some(({ wave }) => wave > 0);
  const ranked = change.projects.toSorted(
    (a, b) => a.wave - b.wave || Number(a.status === 'no-changes') - Number(b.status === 'no-changes'),
  );
  const rows = ranked.slice(0, most).map((project): TicketText[][] => {
    const counts = countsOf(project, model);
    const checks = 'plan' in project ? project.plan.checks : [];
    const bad = checks.filter((each) => each.result !== 'pass');
    const verdict =
      bad.length === 0 ? `${checks.length} passed` : `${bad.length} of ${checks.length} not passed`;
    return [
      [{ text: shortened(oneLine(project.key), MOST_ADDRESS), style: 'code' }],
      ...(hasWaves ? [[{ text: waveOf(project, model) }]] : []),
      [{ text: counts === undefined ? 'being planned' : countsInWords(counts) }],
      [{ text: checks.length === 0 ? 'none' : verdict }],
      [{ text: project.applyOn === 'approval' ? 'once approved' : 'on an operator’s command' }],
    ];
  });
  const wave = hasWaves ? ['Wave'] : [];
  const left = ranked.length - rows.length;
  return [
    { kind: 'table', header: ['Project', ...wave, 'Plan', 'Checks', 'Applied'], rows },
    ...more(left, 'more project'),
  ];
}

function waveOf(project: Project, { change }: TicketModel): string {
  const isLater = isForecast(change, project);
  return `${project.wave + 1}${isLater ? ', forecast' : ''}`;
}

function more(left: number, what: string): TicketBlock[] {
  if (left <= 0) return [];
  return [{ kind: 'paragraph', parts: [{ text: `And ${plural(left, what)}, in the attached plan.` }] }];
}

const ACTIONS: Readonly<Record<Verb, string>> = {
  other: 'unknown action',
  delete: 'destroy',
  replace: 'replace',
  forget: 'forget',
  update: 'change',
  create: 'add',
  read: 'read',
  'no-op': 'move or import',
};

/** Resources by action, what is destroyed or replaced first, over all projects. */
function resourceTable(model: TicketModel, most: number): TicketBlock[] {
  const owner = new Map<ResourceSummary, string>();
  for (const project of model.change.projects) {
    for (const resource of planOf(project, model)?.summary.resources ?? []) owner.set(resource, project.key);
  }
  const all = byGravity([...owner.keys()]);
  if (all.length === 0) return [];
  const shown = all.slice(0, most);
  const rows = shown.map((resource): TicketText[][] => [
    [{ text: ACTIONS[resource.verb], style: isGrave(resource) ? 'strong' : 'plain' }],
    [{ text: shortened(oneLine(resource.address), MOST_ADDRESS), style: 'code' }],
    [{ text: changedAttributes(resource) }],
    [{ text: shortened(oneLine(owner.get(resource) ?? ''), MOST_ADDRESS), style: 'code' }],
  ]);
  return [
    { kind: 'table', header: ['Action', 'Resource', 'Attributes', 'Project'], rows },
    ...more(all.length - shown.length, 'more resource'),
  ];
}

function isGrave({ verb }: ResourceSummary): boolean {
  return verb === 'delete' || verb === 'replace' || verb === 'other';
}

/** Names only: values are in the attached plan. */
function changedAttributes({ verb, changes }: ResourceSummary): string {
  if (verb !== 'update' && verb !== 'replace') return '';
  const names = changes.map(
    (each) => `${attributeName(each.path)}${each.forcesReplacement ? ' (forces replacement)' : ''}`,
  );
  const shown = names.slice(0, 5).map((name) => shortened(oneLine(name), 60));
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more`
    : shown.join(', ');
}

function asked({ change, pageUrl }: TicketModel): TicketBlock {
  const { revision } = change;
  const items: TicketText[][] = [
    [
      { text: 'Merge request ' },
      { text: `!${change.mergeRequest.iid}`, href: change.url },
      { text: ': ' },
      { text: shortened(oneLine(change.title), 200), style: 'strong' },
    ],
    [{ text: 'Asked by ' }, { text: `@${oneLine(change.author.username)}`, style: 'code' }],
  ];
  if (revision !== undefined) {
    const authors = [...new Set([...revision.commitAuthors, ...revision.committers])]
      .slice(0, 10)
      .map(oneLine)
      .join(', ');
    items.push(
      [{ text: 'Commits by ' }, { text: authors === '' ? 'nobody known' : authors, style: 'code' }],
      [
        { text: `Version ${revision.number}, commit ` },
        { text: revision.headSha, style: 'code' },
        { text: ', for ' },
        { text: shortened(oneLine(revision.targetBranch), 100), style: 'code' },
      ],
    );
  }
  items.push([{ text: 'History, gates and evidence', href: pageUrl }]);
  return { kind: 'bullets', items };
}

/** What the approval is bound to, for whoever compares it later. */
function digests({ change, tupleHash }: TicketModel, most: number): TicketBlock[] {
  if (tupleHash === undefined) return [];
  const lines = plannedProjects(change).map(({ key, plan }) => `${oneLine(key)} ${plan.digest}`);
  return [
    { kind: 'heading', level: 2, text: 'What the approval is bound to' },
    { kind: 'code', text: [`approval ${tupleHash}`, ...lines.slice(0, most)].join('\n') },
  ];
}
