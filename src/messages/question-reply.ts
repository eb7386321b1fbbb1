import type { GateResult } from '#domain/gates/evidence.ts';
import { diffParts, type PlanComparison } from './answer-diff.ts';
import { whyParts } from './answer-why.ts';
import { cellCode, inlineCode, link } from './escape.ts';
import { fit, joined, type Part } from './fit.ts';
import type { ChangeModel } from './note-model.ts';
import { projectTable } from './project-table.ts';
import { ticketLink, verdictLine } from './verdict-line.ts';

/** What a question is answered with, beside the change itself. */
export type Answer =
  | { question: 'status' }
  /** What the gates say, by project key; absent for those they were not asked about. */
  | { question: 'why'; gates: ReadonlyMap<string, readonly GateResult[]> }
  | { question: 'diff'; comparisons: readonly PlanComparison[] }
  | { question: 'version'; countersign: string; binaries: ReadonlyMap<string, string> };

/** An answer is read in one go: what has no room is on the change's page. */
const MOST = 30_000;

/** The answer to a question about the change, as it stands now, with a link to the next step. Markdown. */
export function questionReply(answer: Answer, keys: readonly string[], model: ChangeModel): string {
  const projects = model.change.projects.filter(({ key }) => keys.includes(key));
  const about: ChangeModel = { ...model, change: { ...model.change, projects } };
  const parts: Part[] = [
    always(heading(answer, model)),
    ...body(answer, about, model),
    always(footer(model)),
  ];
  const { told, isShortened } = fit(parts, MOST);
  const more = isShortened ? `There is more ${link('on the change’s page', model.pageUrl)}.` : '';
  return joined([...told.slice(0, -1), more, told.at(-1) ?? '']);
}

function heading({ question }: Answer, model: ChangeModel): string {
  switch (question) {
    case 'status':
      return verdictLine(model);
    case 'why':
      return '**What the gates say just now**';
    case 'diff':
      return '**What changed in the plans**';
    case 'version':
      return '**Versions**';
  }
}

/** `about` has the projects that were asked about; what the approval takes depends on all of the model's. */
function body(answer: Answer, about: ChangeModel, model: ChangeModel): Part[] {
  switch (answer.question) {
    case 'status':
      return projectTable(about);
    case 'why':
      return whyParts(about.change.projects, answer.gates, model);
    case 'diff':
      return diffParts(answer.comparisons, about.pageUrl);
    case 'version':
      return [versions(answer)];
  }
}

function versions({ countersign, binaries }: Extract<Answer, { question: 'version' }>): Part {
  const byVersion = Map.groupBy(binaries, ([, version]) => version);
  const short = [...byVersion].map(
    ([version, projects]) => `${inlineCode(version)} (${projects.length} of ${binaries.size} projects)`,
  );
  const lead = `Countersign ${inlineCode(countersign)}`;
  const rows = [...binaries].map(([key, version]) => `| ${cellCode(key)} | ${cellCode(version)} |`);
  const table = ['| Project | Binary |', '|---|---|', ...rows].join('\n');
  const brief = short.length === 0 ? lead : `${lead}; ${short.join(', ')}`;
  return {
    versions: rows.length === 0 ? [`${lead}.`] : [`${brief}.`, `${lead}\n\n${table}`],
    importance: 1,
  };
}

function footer({ change, pageUrl }: ChangeModel): string {
  const ticket =
    change.ticket.status === 'open' || change.ticket.status === 'closed'
      ? [`Approval: ${ticketLink(change)}`]
      : [];
  return [...ticket, link('History, gates and evidence', pageUrl)].join(' · ');
}

function always(text: string): Part {
  return { versions: [text], importance: 0 };
}
