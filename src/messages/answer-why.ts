import type { GateResult } from '#domain/gates/evidence.ts';
import type { Project } from '#domain/project.ts';
import { isForecast } from '#domain/waves.ts';
import { alteredTagLines } from './altered-tags.ts';
import { plural } from './counts.ts';
import { emergencyLines } from './emergency.ts';
import { clause, inlineCode, link, prose, sentence } from './escape.ts';
import type { Part } from './fit.ts';
import { approvalLines, waitedFor } from './note-approvals.ts';
import type { ChangeModel } from './note-model.ts';
import { ticketLink } from './verdict-line.ts';

/** What every gate says of each project that was asked about, just now: evidence in words, and who can clear it. */
export function whyParts(
  projects: readonly Project[],
  answers: ReadonlyMap<string, readonly GateResult[]>,
  model: ChangeModel,
): Part[] {
  const parts = projects.flatMap((project): Part[] => {
    const results = answers.get(project.key);
    if (results === undefined) return [missing(project, model)];
    return [{ versions: gateVersions(project.key, results), importance: 1 }];
  });
  const about = approvalLines(model).map(always);
  const next: Part = { versions: [nextStep([...answers.values()].flat(), model)], importance: 0 };
  return [
    ...about,
    ...inAdvanceParts([...answers.values()].flat()),
    ...emergencyLines(model.change).map(always),
    ...alteredTagLines(model.change).map(always),
    ...parts,
    next,
  ];
}

/** Told in any case; short. */
function always(text: string): Part {
  return { versions: [text], importance: 0 };
}

/** Under which standing approval it goes, found just now. */
function inAdvanceParts(results: readonly GateResult[]): Part[] {
  const mandate = results.find((result) => result.mandate !== undefined)?.mandate;
  if (mandate === undefined) return [];
  const told = `Approved in advance: it goes by the standing approval ${prose(mandate.name, 100)} (${prose(mandate.key, 50)}), which ${prose(mandate.approver, 100)} approved.`;
  return [{ versions: [told], importance: 0 }];
}

function gateVersions(key: string, results: readonly GateResult[]): [string, ...string[]] {
  const closed = results.filter(({ answer }) => answer !== 'yes');
  const lead =
    closed.length === 0
      ? `${inlineCode(key)}: every one of ${results.length} gates says yes.`
      : `${inlineCode(key)}: ${closed.length} of ${results.length} gates ${closed.length === 1 ? 'does' : 'do'} not say yes.`;
  const names = closed.map(({ gate }) => inlineCode(gate)).join(', ');
  const open = `${lead}\n\n${table(closed)}`.trim();
  return [
    `${lead} ${names}`.trim(),
    open,
    `${open}\n\n${folded(results.filter(({ answer }) => answer === 'yes'))}`.trim(),
  ];
}

/** What is in order is there for whoever wants to know, and in nobody's way. */
function folded(results: readonly GateResult[]): string {
  if (results.length === 0) return '';
  const rows = results.map(({ gate, reason }) => `| ${inlineCode(gate)} | ${cell(sentence(reason))} |`);
  const table = ['| Gate | What was found |', '|---|---|', ...rows].join('\n');
  const title = results.length === 1 ? '1 gate says yes' : `${results.length} gates say yes`;
  return `<details><summary>${title}</summary>\n\n${table}\n\n</details>`;
}

function table(results: readonly GateResult[]): string {
  if (results.length === 0) return '';
  const rows = results.map(({ gate, answer, reason, remedy }) => {
    const who = remedy === '' ? '' : cell(sentence(remedy));
    return `| ${inlineCode(gate)} | ${ANSWERS[answer]} | ${cell(sentence(reason))} | ${who} |`;
  });
  return ['| Gate | Answer | What was found | Who can clear it |', '|---|---|---|---|', ...rows].join('\n');
}

const ANSWERS: Readonly<Record<GateResult['answer'], string>> = {
  yes: 'yes',
  no: '**no**',
  unknown: '**unknown** (counts as no)',
};

/** A bar would end the cell, even inside code. */
function cell(text: string): string {
  return text.replaceAll(/(?<!\\)\|/g, '\\|');
}

/** Why there is nothing for gates to judge, and what has to be there first. */
function missing(project: Project, { change }: ChangeModel): Part {
  const told = isForecast(change, project)
    ? `its plan is a forecast: it is planned again once wave ${project.wave} is applied`
    : absence(project);
  return { versions: [`${inlineCode(project.key)}: ${clause(told)}`], importance: 1 };
}

function absence(project: Project): string {
  switch (project.status) {
    case 'opening-ticket':
      return 'its plan carries the approval number, and the ticket is being opened; nothing is to be done';
    case 'held':
      return `it waits for merge request ${project.by.iid}, which holds ${project.by.project}`;
    case 'planning':
      return 'its plan is being made; nothing is to be done';
    case 'plan-failed':
      return 'it has no plan, since the plan failed; push a fix, or comment `countersign plan` to try again';
    case 'no-changes':
      return 'its plan changes nothing, so there is nothing to apply';
    case 'cancelled':
      return 'it was cancelled; comment `countersign plan` to start again';
    case 'applying':
      return 'it is being applied';
    case 'applied':
    case 'released':
      return 'it is applied';
    case 'applied-unmerged':
      return `it is applied, but not merged: ${project.reason}`;
    case 'apply-failed':
      return `its apply failed: ${project.reason}; an operator decides how to go on`;
    case 'apply-interrupted':
      return `nobody knows how its apply ended: ${project.reason}; an operator looks and comments \`countersign resolve ${project.key} applied|not-applied REASON\``;
    case 'merged':
    case 'closed':
      return `the merge request is ${project.status}`;
    case 'awaiting-approval':
    case 'rejected':
    case 'expired':
    case 'gating':
    case 'blocked':
    case 'ready':
      return `there was no room to ask its gates; name it with \`-p ${project.key}\``;
  }
}

/** Where to go next: the ticket while nobody has approved, else an operator's word, else the page with the evidence. */
function nextStep(results: readonly GateResult[], model: ChangeModel): string {
  const { change, pageUrl } = model;
  const evidence = link('the evidence', pageUrl);
  const closed = results.filter(({ answer }) => answer !== 'yes');
  const waited = waitedFor(model);
  if (closed.some(({ gate }) => gate === 'ticket-approved') && change.ticket.status === 'open')
    return `Next: ${ticketLink(change)} waits for ${waited === '' ? 'an approver' : waited}. Seen just now; ${evidence}.`;
  if (results.length > 0 && closed.length === 0)
    return `Next: an operator, other than the requester, comments \`countersign apply\`. Seen just now; ${evidence}.`;
  const [first] = closed;
  if (first !== undefined && closed.every(({ until }) => until !== undefined))
    return `Next: ${clause(first.remedy)} Seen just now; ${evidence}.`;
  if (closed.length > 0)
    return `Next: clear ${plural(closed.length, 'answer')} above; the gates are asked again by themselves. Seen just now; ${evidence}.`;
  return '';
}
