import type { Change, Ticket } from '#domain/change.ts';
import { changeStatus } from '#domain/change-status.ts';
import { writeCommand } from '#domain/command.ts';
import type { Project } from '#domain/project.ts';
import { isForecast } from '#domain/waves.ts';
import { calendarLines } from './calendar-lines.ts';
import { alteredTagLines } from './altered-tags.ts';
import { emergencyLines } from './emergency.ts';
import { inlineCode, link, prose } from './escape.ts';
import { fit, joined, type Part } from './fit.ts';
import { approvalLines, remindedLine } from './note-approvals.ts';
import { asShown, planOf, projectUrl } from './note-model.ts';
import type { ChangeModel } from './note-model.ts';
import { troubles, treeOf } from './note-troubles.ts';
import { problemList, warningFold } from './placed-problems.ts';
import { plansLeftOut, planVersions } from './plan-details.ts';
import { projectTable } from './project-table.ts';
import { ticketLink, verdictLine } from './verdict-line.ts';
import { verificationInWords } from './verification.ts';

/** GitLab takes a million; nobody reads more than this, and mail carries it. The rest is on the change's page. */
const MOST = 60_000;
/** What the line about plans without room may need. */
const MOST_OF_NOTICE = 1_500;

/**
 * The one note of a merge request, edited in place: what to do next and by whom, then the projects, what stands in the
 * way, and the plans folded away. Text of others stands only in code (see escape.ts). At most `most` characters: what
 * has no room is told by its name and on the change's page, and nothing is cut.
 */
export function summaryNote(present: ChangeModel, most = MOST): string {
  const model = { ...present, change: asShown(present.change) };
  const { change, pageUrl } = model;
  const above: Part[] = [
    always(verdictLine(model)),
    ...emergencyLines(change).map(always),
    ...alteredTagLines(change).map(always),
    ...approvalLines(model).map(always),
    ...calendarLines(model).map(always),
    always(verified(change)),
    always(remindedLine(model)),
    always(waiting(change)),
    { versions: ['', problemList(change.notAdmitted)], importance: 1 },
    ...projectTable(model),
    ...troubles(model),
    { versions: ['', warningFold(change.revision)], importance: 6 },
    always(facts(model)),
  ];
  const planned = change.projects.filter((project) => planOf(project, model) !== undefined);
  const plans = planned.map((project): Part => planPart(project, model));
  const foot = footer(change);
  const whole = fit([...above, ...plans, always(foot)], most);
  if (!whole.isShortened) return joined(whole.told);
  const { told } = fit([...above, ...plans, always(foot)], most - MOST_OF_NOTICE);
  const missing = planned.filter((_, at) => told[above.length + at] === '').map(({ key }) => key);
  return joined([...told.slice(0, -1), plansLeftOut(missing, pageUrl), foot]);
}

/** Told in any case; short. */
function always(text: string): Part {
  return { versions: [text], importance: 0 };
}

function planPart(project: Project, model: ChangeModel): Part {
  const plan = planOf(project, model);
  if (plan === undefined) return always('');
  const { key } = project;
  const versions = planVersions({
    key,
    plan,
    isForecast: isForecast(model.change, project),
    diagnostics: model.diagnostics.get(key) ?? [],
    telling: model.telling,
    tree: treeOf(model, plan.planRunId),
    url: projectUrl(model.pageUrl, key),
  });
  return { versions, importance: 5 };
}

/** What a plan after the apply came to. */
function verified(change: Change): string {
  const words = verificationInWords(change);
  return words === undefined ? '' : `${prose(words)}.`;
}

/** Commands that wait for their turn, so that nobody gives them twice. */
function waiting({ waiting: commands }: Change): string {
  if (commands.length === 0) return '';
  const shown = commands
    .slice(0, 5)
    .map(({ by, command }) => `${inlineCode(writeCommand(command))} of ${prose(by.username, 100)}`);
  const more = commands.length > 5 ? ` and ${commands.length - 5} more` : '';
  return `Waiting for their turn: ${shown.join(', ')}${more}.`;
}

function facts({ change, pageUrl }: ChangeModel): string {
  const { ticket, release, revision } = change;
  const approval =
    ticket.status === 'open' || ticket.status === 'closed'
      ? [`Approval: ${ticketLink(change)}${inAdvance(ticket)}`]
      : [];
  const tag = release.status === 'tagged' ? [`Release: ${inlineCode(release.tag)}`] : [];
  const version =
    revision === undefined
      ? []
      : [`Revision ${revision.number} at ${inlineCode(revision.headSha.slice(0, 12))}`];
  return [...approval, ...tag, ...version, link('History, gates and evidence', pageUrl)].join(' · ');
}

/** Under which standing approval it goes, or went. */
function inAdvance(ticket: Extract<Ticket, { status: 'open' | 'closed' }>): string {
  const review = ticket.status === 'open' && ticket.review.status === 'standing' ? ticket.review : undefined;
  const mandate = ticket.status === 'closed' ? ticket.mandate : review?.mandate;
  return mandate === undefined
    ? ''
    : `, in advance by ${prose(mandate.name, 100)} (${prose(mandate.key, 50)})`;
}

function footer(change: Change): string {
  const over = ['merged', 'closed'].includes(changeStatus(change));
  return over ? '' : 'Comment `countersign help` for what can be asked for here.';
}
