import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ProjectStatus } from '#domain/project.ts';
import type { Signal } from '#domain/lifecycle/step.ts';
import { type Arrow, drive } from './drive.ts';
import { PROJECTS } from './samples.ts';

/** The page about the lifecycle, made from the code under `root`: by trying everything out, and from its comments. */
export function lifecyclePage(root: string): string {
  const arrows = drive();
  const statuses = Object.keys(PROJECTS) as ProjectStatus[];
  return [
    INTRODUCTION,
    diagram(arrows),
    shortcuts(arrows, statuses),
    '## What each status makes of what happens',
    ...statuses.map((status) => chapter(root, status, arrows)),
    afterwards(root),
  ]
    .join('\n\n')
    .concat('\n');
}

const INTRODUCTION = `<!-- Made by \`node scripts/write-lifecycle.ts\` from src/domain/lifecycle; a test keeps it true. Do not edit. -->

# The lifecycle

A change has one project for each root module it touches, and every project has a status of its own. What has happened
(a *fact*) reaches a project as a *signal*; each status is a file in \`src/domain/lifecycle\` that says what it makes of
every one of them. This page was made by sending every signal to a project at every status. The words are in the
[glossary](glossary.md).`;

/** Signals that mean the same nearly everywhere; the diagram is easier to read without them. */
const ANYWHERE: readonly Signal['type'][] = ['plan-commanded', 'cancelled', 'merged', 'closed'];

function diagram(arrows: readonly Arrow[]): string {
  const shown = arrows.filter(
    ({ from, to, signal }) =>
      from !== to && (!ANYWHERE.includes(signal) || (from === 'released' && signal === 'merged')),
  );
  const lines = [...Map.groupBy(shown, ({ from, to }) => `${id(from)} --> ${id(to)}`)].map(
    ([line, same]) => `  ${line}: ${[...new Set(same.map(({ signal }) => signal))].join(', ')}`,
  );
  const inIt = new Set(shown.flatMap(({ from, to }) => [from, to]));
  const names = [...inIt]
    .filter((status) => status.includes('-'))
    .map((status) => `  state "${status}" as ${id(status)}`);
  return [
    '## At a glance',
    '',
    '```mermaid',
    'stateDiagram-v2',
    ...names,
    `  [*] --> ${id('opening-ticket')}: it wants the approval number`,
    '  [*] --> planning',
    ...lines,
    '  merged --> [*]',
    '```',
  ].join('\n');
}

function shortcuts(arrows: readonly Arrow[], statuses: readonly ProjectStatus[]): string {
  const lines = ANYWHERE.map((signal) => {
    const moving = arrows.filter((arrow) => arrow.signal === signal && arrow.from !== arrow.to);
    const to = [...new Set(moving.map((arrow) => code(arrow.to)))].join(' or ');
    const from = new Set(moving.map((arrow) => arrow.from));
    const rest = statuses.filter((status) => !from.has(status)).map(code);
    return `- \`${signal}\` leads to ${to} from every status but ${rest.join(', ')}.`;
  });
  return `Left out of the picture:\n\n${lines.join('\n')}`;
}

function chapter(root: string, status: ProjectStatus, arrows: readonly Arrow[]): string {
  const mine = arrows.filter(({ from }) => from === status);
  const rows = mine.filter(({ idle }) => !idle).map((arrow) => `| ${cells(arrow).join(' | ')} |`);
  const busy = new Set(mine.filter(({ idle }) => !idle).map(({ signal }) => signal));
  const nothing = [...new Set(mine.map(({ signal }) => signal))].filter((signal) => !busy.has(signal));
  return [
    `### ${status}`,
    '',
    whatIsSaidOf(root, `src/domain/lifecycle/${status}.ts`),
    '',
    '| On | it becomes | and |',
    '|---|---|---|',
    ...rows,
    '',
    `Means nothing here: ${nothing.map(code).join(', ')}.`,
  ].join('\n');
}

function cells({ from, to, signal, when, effects, refusals, noted }: Arrow): string[] {
  const consequences = [
    ...effects.map((effect) => `asks for ${code(effect)}`),
    ...refusals.map((refusal) => `refuses: “${refusal.replaceAll('|', '\\|')}”`),
    ...(noted ? ['takes note'] : []),
  ];
  return [
    `${code(signal)}${when === '' ? '' : ` (${when})`}`,
    from === to ? (effects.includes('collect-evidence') ? `${code(to)}, asked anew` : '') : code(to),
    consequences.join('; '),
  ];
}

/** What follows for the change as a whole, in the words of the functions that settle it, in their order. */
function afterwards(root: string): string {
  const source = readFileSync(path.join(root, 'src/domain/settle.ts'), 'utf8');
  const steps = [...source.matchAll(/\/\*\* ([^\n]*) \*\/\n(?:export )?function (\w+)\(decision/g)];
  const lines = steps.map(([, comment, name]) => `- \`${name}\`: ${comment}`);
  return `## What follows for the change as a whole\n\nAfter every fact, in \`src/domain/settle.ts\`:\n\n${lines.join('\n')}`;
}

/** The doc comment of a status: the one right above its function. */
function whatIsSaidOf(root: string, file: string): string {
  const source = readFileSync(path.join(root, file), 'utf8');
  const comment = /\/\*\* ((?:(?!\*\/)[\s\S])*?) ?\*\/\s*export function while/.exec(source)?.[1];
  if (comment === undefined) throw new Error(`${file}: its function has no comment`);
  return comment.replaceAll(/\s*\n \* ?/g, ' ').trim();
}

function id(status: ProjectStatus): string {
  return status.replaceAll('-', '_');
}

function code(word: string): string {
  return `\`${word}\``;
}
