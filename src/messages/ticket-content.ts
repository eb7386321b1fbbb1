import { plannedProjects } from '#domain/approved-tuple.ts';
import type { BlastRadius } from '#domain/blast-radius.ts';
import type { Change, OwedDebt } from '#domain/change.ts';
import { owedDebts } from '#domain/debts.ts';
import type { PlanCounts } from '#domain/plan-ref.ts';
import type { PlanSummary } from '#domain/plan/summarize.ts';
import type { ApplyOn, Project } from '#domain/project.ts';
import { isInAdvance } from '#domain/in-advance.ts';
import { isForecast } from '#domain/waves.ts';
import type { TicketBlock, TicketContent, TicketText } from '#domain/ticket-document.ts';
import type { MandateRef } from '#domain/mandate.ts';
import type { PlanComparison } from './answer-diff.ts';
import { demandOf } from './approvers.ts';
import { calendarBlocks } from './calendar-lines.ts';
import { addCounts, countsInWords } from './counts.ts';
import { whatAfterwardsMeans } from './emergency.ts';
import { byGitlabId } from '#domain/gates/people.ts';
import { oneLine, shortened } from './escape.ts';
import { askedAfterAll, inAdvanceMeaning } from './in-advance.ts';
import { countsOf, logUrl, planOf } from './note-model.ts';
import type { ChangeModel } from './note-model.ts';
import { type PlanFile, planFiles } from './plan-files.ts';
import { approvalBlocks } from './ticket-approval.ts';
import { blastBlocks, workPlanBlocks } from './ticket-context.ts';
import { differenceBlocks, textLength, type WorkPlanEdit } from './ticket-difference.ts';
import { ticketValues } from './ticket-values.ts';
import { more, MOST_ADDRESS, resourceBlocks } from './ticket-resources.ts';

/** JIRA's rich text holds 32,767 characters, marks included; the attached plan has what the tables leave out. */
const MOST_TEXT = 31_000;
/** Rows of each table. */
const SIZES = [60, 45, 30, 20, 10, 5];

/** What only the service knows about the ticket it writes. */
export interface TicketModel extends ChangeModel {
  /** What came out differently than an earlier plan; none when nothing was in front of an approver before. */
  differences: readonly PlanComparison[];
  /** The work plan as it was approved last, where it is another one now. */
  workPlanEdit?: WorkPlanEdit;
  /** Hash of what an approval would bind; absent while a plan is still missing. */
  tupleHash: string | undefined;
  /** The files attached with the plans. */
  attachments: readonly PlanFile[];
  /** What else depends on the projects; absent while nobody has looked. */
  blast?: BlastRadius;
  /** Labels of the change's projects, each with all its values. */
  labels: Readonly<Record<string, readonly string[]>>;
  /** The ticket that this one goes on from. */
  previous?: { key: string; url: string };
  /** The standing approval that covers it, where nobody is to be asked. */
  standing?: MandateRef;
}

/** The ticket: what would be done, to what, how grave, asked by whom, and what moving it to Approved means. */
export function ticketContent(model: TicketModel): TicketContent {
  const bodies = SIZES.map((rows) => bodyOf(model, rows));
  const fitting = bodies.findIndex((body) => textLength(body) <= MOST_TEXT);
  const [body = [], ...shorter] = bodies.slice(fitting);
  return { summary: summary(model), body, shorter, values: ticketValues(model, model.labels) };
}

/** The ticket with tables of at most so many rows each, and texts to match. */
function bodyOf(model: TicketModel, rows: number): TicketBlock[] {
  const { change } = model;
  return [
    { kind: 'panel', tone: 'info', parts: meaning(model) },
    ...askedAfterAll(change),
    ...approvalBlocks(model, summariesOf(model)),
    ...calendarBlocks(model),
    ...differenceBlocks(model.differences, rows * 150, model.workPlanEdit),
    {
      kind: 'heading',
      level: 2,
      text: owedOn(change) === undefined ? 'What would be done' : 'What was done',
    },
    ...projectTable(model, rows),
    ...resourceBlocks(model, rows, rows * 120),
    ...blastBlocks(model.blast, totalsOf(model)),
    ...workPlanBlocks(change, rows * 25),
    { kind: 'heading', level: 2, text: 'Who asks, and for what' },
    asked(model),
    ...planFiles(model, rows * 2),
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
  const isKnown = change.projects.some((each) => countsOf(each, model) !== undefined);
  const what = isKnown ? countsInWords(totalsOf(model)) : 'being planned';
  return shortened(oneLine(`Apply !${change.mergeRequest.iid} to ${shortened(where, 150)}: ${what}`), 255);
}

/** What all plans would do together, as far as they are there. */
function totalsOf(model: TicketModel): PlanCounts {
  return addCounts(model.change.projects.flatMap((each) => countsOf(each, model) ?? []));
}

function summariesOf(model: TicketModel): PlanSummary[] {
  return model.change.projects.flatMap((project) => planOf(project, model)?.summary ?? []);
}

function meaning({ change, standing }: TicketModel): TicketText[] {
  if (isInAdvance(change)) return inAdvanceMeaning(demandOf(change).tier, standing);
  if (plannedProjects(change).length === 0) {
    return [
      {
        text: 'Nothing is to be decided yet: the plan is being made with this ticket’s number and will be shown here. The ticket then moves to In review.',
      },
    ];
  }
  const owed = owedOn(change);
  if (owed !== undefined) return whatAfterwardsMeans(owed);
  return [
    { text: 'Approved', style: 'strong' },
    { text: ' allows exactly the plans below, once, as they are. ' },
    { text: 'Rejected', style: 'strong' },
    { text: ` ends the matter until a new version is pushed.${forecasts(change)}` },
  ];
}

/** What was applied in an emergency, where this ticket asks for the approval afterwards. */
function owedOn(change: Change): OwedDebt | undefined {
  const { ticket } = change;
  return owedDebts(change).find(
    (debt) => ticket.status === 'open' && debt.ticket.key === ticket.key && debt.review.status !== 'waiting',
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
      [{ text: APPLIED[project.applyOn] }],
    ];
  });
  const wave = hasWaves ? ['Wave'] : [];
  const left = ranked.length - rows.length;
  return [
    { kind: 'table', header: ['Project', ...wave, 'Plan', 'Checks', 'Applied'], rows },
    ...more(left, 'more project'),
  ];
}

const APPLIED: Readonly<Record<ApplyOn, string>> = {
  approval: 'once approved',
  command: 'on an operator’s command',
  merge: 'right after the merge',
};

function waveOf(project: Project, { change }: TicketModel): string {
  const isLater = isForecast(change, project);
  return `${project.wave + 1}${isLater ? ', forecast' : ''}`;
}

/** Beyond this many the change's page has the logs in one place. */
const MOST_LOGS = 5;

function asked({ change, pageUrl, people, previous }: TicketModel): TicketBlock {
  const { author, revision } = change;
  const account = `@${oneLine(author.username)}`;
  const name = byGitlabId(people, author.id)?.name;
  const items: TicketText[][] = [
    [
      { text: 'Merge request ' },
      { text: `!${change.mergeRequest.iid}`, href: change.url },
      { text: ': ' },
      { text: shortened(oneLine(change.title), 200), style: 'strong' },
    ],
    [
      { text: 'Asked by ' },
      ...(name === undefined
        ? [{ text: account, style: 'code' as const }]
        : [
            { text: shortened(oneLine(name), 100) },
            { text: ' ' },
            { text: account, style: 'code' as const },
          ]),
    ],
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
  if (previous !== undefined)
    items.push([{ text: 'Goes on from ' }, { text: previous.key, href: previous.url }]);
  const planned = plannedProjects(change);
  items.push([
    { text: 'History, gates and evidence', href: pageUrl },
    ...(planned.length > MOST_LOGS ? [] : planned).flatMap(({ key, plan }): TicketText[] => [
      { text: '; ' },
      { text: `log of ${shortened(oneLine(key), MOST_ADDRESS)}`, href: logUrl(pageUrl, plan.planRunId) },
    ]),
  ]);
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
