import type { Change } from '#domain/change.ts';
import type { GateReason, Project } from '#domain/project.ts';
import { isForecast } from '#domain/waves.ts';
import { plural } from './counts.ts';
import { diagnosticVersions, type SourceTree } from './diagnostics.ts';
import { clause, fence, inlineCode, link, sentence, shortened } from './escape.ts';
import type { Part } from './fit.ts';
import { logUrl, planOf } from './note-model.ts';
import type { ChangeModel } from './note-model.ts';

/** What went wrong or stands in the way, project by project, and who can do what about it. None hides another. */
export function troubles(model: ChangeModel): Part[] {
  const { change } = model;
  const found = change.projects.map((project) => troubleVersions(project, model));
  const findings = change.projects.map((project) => checkFindings(project, model));
  return [
    ...found.map((versions): Part => ({ versions, importance: 3 })),
    ...findings.map((text): Part => ({ versions: ['', text], importance: 4 })),
    { versions: [releaseTrouble(change)], importance: 1 },
  ];
}

function troubleVersions(project: Project, model: ChangeModel): [string, ...string[]] {
  const name = inlineCode(project.key);
  switch (project.status) {
    case 'plan-failed':
      return isForecast(model.change, project)
        ? [`${name} cannot be planned before the wave in front of it is applied; it is then tried again.`]
        : planFailed(project, model);
    case 'blocked':
      return blocked(project.key, project.reasons);
    case 'apply-failed':
      return applyFailed(project, model);
    case 'apply-interrupted':
      return ['', explained(`The apply of ${name} was interrupted:`, project.reason)];
    case 'applied-unmerged':
      return ['', explained(`${name} is applied, but GitLab does not merge:`, project.reason)];
    case 'opening-ticket':
    case 'held':
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
      return [''];
  }
}

function planFailed(
  project: Extract<Project, { status: 'plan-failed' }>,
  model: ChangeModel,
): [string, ...string[]] {
  const { key, planRunId, reason } = project;
  const lead = `The plan of ${inlineCode(key)} failed:`;
  const tree = treeOf(model, planRunId);
  const told = diagnosticVersions(model.diagnostics.get(key) ?? [], tree).filter((text) => text !== '');
  const log = `${lead} ${link('see the output', tree.logUrl)}.`;
  if (told.length === 0) return ['', log, explained(lead, reason)];
  const [, ...inFull] = told;
  return ['', log, `${lead} ${told[0] ?? ''}`, ...inFull.map((text) => `${lead}\n\n${text}`)];
}

function applyFailed(
  project: Extract<Project, { status: 'apply-failed' }>,
  model: ChangeModel,
): [string, ...string[]] {
  const { key, attemptId, failure, reason } = project;
  const lead = explained(`The apply of ${inlineCode(key)} ended as ${inlineCode(failure)}:`, reason);
  const tree = treeOf(model, attemptId);
  const told = diagnosticVersions(model.diagnostics.get(key) ?? [], tree).filter((text) => text !== '');
  const [, ...inFull] = told;
  const log = `${lead} ${link('See the output', tree.logUrl)}.`;
  return ['', log, ...inFull.map((text) => `${lead}\n\n${text}`)];
}

/** Where the files of a run's diagnostics are found, and its output. */
export function treeOf({ change, pageUrl }: ChangeModel, runId: string): SourceTree {
  return {
    mergeRequestUrl: change.url,
    headSha: change.revision?.headSha,
    logUrl: logUrl(pageUrl, runId),
  };
}

function blocked(key: string, reasons: readonly GateReason[]): [string, ...string[]] {
  const names = reasons.map(({ gate }) => inlineCode(gate)).join(', ');
  return [
    '',
    `${inlineCode(key)} is blocked by ${names}.`,
    [`${inlineCode(key)} is blocked:`, '', ...reasons.map(gateLine)].join('\n'),
  ];
}

/** One gate's no, its reason, and who can do what about it. */
function gateLine({ gate, answer, reason, remedy }: GateReason): string {
  const word = answer === 'unknown' ? 'unknown, which counts as no' : 'no';
  return `- ${inlineCode(gate)} ${word}: ${clause(reason)}${emphasis(remedy)}`;
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
function checkFindings(project: Project, model: ChangeModel): string {
  const bad = (planOf(project, model)?.checks ?? []).filter(({ result }) => result !== 'pass');
  if (bad.length === 0) return '';
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

function releaseTrouble({ release }: Change): string {
  if (release.status !== 'refused') return '';
  return `The release tag ${inlineCode(release.tag)} could not be made: ${clause(release.reason)} An operator makes room for it; it is then tried again.`;
}
