import type { BlastRadius } from '#domain/blast-radius.ts';
import type { Change } from '#domain/change.ts';
import type { PlanCounts } from '#domain/plan-ref.ts';
import { WORK_PLAN_SECTIONS } from '#domain/demand.ts';
import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';
import { SECTION_TITLES, workPlanOf } from '#domain/work-plan.ts';
import { plural } from './counts.ts';
import { oneLine, printable, shortened } from './escape.ts';

const MOST_NAMES = 8;
const MOST_OF_NAME = 120;
const MOST_SHARED = 5;

/** What it costs when the plan does something else than was thought: what is lost, and who builds on it. */
export function blastBlocks(blast: BlastRadius | undefined, counts: PlanCounts): TicketBlock[] {
  if (blast === undefined) return [];
  const lost = [
    ...(counts.delete > 0 ? [`${counts.delete} destroyed`] : []),
    ...(counts.replace > 0 ? [`${counts.replace} replaced`] : []),
  ];
  const items: TicketText[][] = [
    ...(lost.length === 0
      ? []
      : [
          [
            {
              text: `${lost.join(', ')}: what is in there now is gone after that, and no revert brings it back`,
            },
          ],
        ]),
    dependents(blast),
    ...blast.shared.slice(0, MOST_SHARED).map(sharedPart),
  ];
  const left = blast.shared.length - MOST_SHARED;
  if (left > 0) items.push([{ text: `and ${plural(left, 'more shared part')}` }]);
  return [
    { kind: 'heading', level: 2, text: 'What a wrong guess costs' },
    { kind: 'bullets', items },
  ];
}

function dependents({ dependents: found, projects }: BlastRadius): TicketText[] {
  if (found.length === 0)
    return [
      {
        text:
          projects > 1
            ? `None of the repository’s ${projects} projects is known to build on what is changed here`
            : 'No other project is in this repository',
      },
    ];
  const verb = found.length === 1 ? 'builds' : 'build';
  return [
    { text: `${plural(found.length, 'other project')} ${verb} on what is changed here: `, style: 'strong' },
    ...names(
      found.map(
        ({ by, project, through }) => `${project} (${by === 'state' ? 'reads' : 'after'} ${through})`,
      ),
    ),
  ];
}

function sharedPart({ outside, path, users }: BlastRadius['shared'][number]): TicketText[] {
  return [
    { text: shortened(oneLine(path), MOST_OF_NAME), style: 'code' },
    { text: ` is edited, and ${plural(users, 'project')} are made of it` },
    ...(outside.length === 0
      ? [{ text: '; all of them are planned here' }]
      : [
          { text: `; ${outside.length} ${outside.length === 1 ? 'is' : 'are'} not planned here: ` },
          ...names(outside, 3),
        ]),
  ];
}

function names(all: readonly string[], most = MOST_NAMES): TicketText[] {
  const shown = all.slice(0, most).map((name) => shortened(oneLine(name), MOST_OF_NAME));
  const left = all.length - shown.length;
  return [{ text: shown.join(', '), style: 'code' }, ...(left > 0 ? [{ text: ` and ${left} more` }] : [])];
}

/** The work plan as its author wrote it; of a section longer than `most` characters the rest is in the attached file. */
export function workPlanBlocks({ description }: Change, most: number): TicketBlock[] {
  const { sections } = workPlanOf(description);
  const told = WORK_PLAN_SECTIONS.flatMap((section): TicketBlock[] => {
    const text = sections[section];
    return text === undefined
      ? []
      : [{ kind: 'heading', level: 3, text: SECTION_TITLES[section] }, ...written(text, most)];
  });
  return told.length === 0 ? [] : [{ kind: 'heading', level: 2, text: 'Work plan' }, ...told];
}

/** Lines as paragraphs and lists; nothing in them is markup. */
function written(text: string, most: number): TicketBlock[] {
  let room = most;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const fitting = lines.filter((line) => (room -= line.length) >= 0);
  // A single line without end is shown as far as there is room.
  const shown = fitting.length === 0 ? lines.slice(0, 1).map((line) => shortened(line, most)) : fitting;
  const isCut = text.length > most && shown.join('').length < lines.join('').length;
  const blocks: TicketBlock[] = [];
  for (const line of shown) {
    const item = /^\s*[-*+]\s+(?<item>.*)$/.exec(line)?.groups?.['item'];
    const last = blocks.at(-1);
    if (item === undefined) blocks.push({ kind: 'paragraph', parts: [{ text: oneLine(line) }] });
    else if (last?.kind === 'bullets') last.items.push([{ text: oneLine(item) }]);
    else blocks.push({ kind: 'bullets', items: [[{ text: oneLine(item) }]] });
  }
  return isCut
    ? [...blocks, { kind: 'paragraph', parts: [{ text: 'The rest is in the attached work plan.' }] }]
    : blocks;
}

/** The work plan as a file, in the words of its author. */
export function workPlanText({ description }: Change): string | undefined {
  const { hash, sections } = workPlanOf(description);
  if (hash === undefined) return undefined;
  const parts = WORK_PLAN_SECTIONS.flatMap((section) => {
    const text = sections[section];
    return text === undefined ? [] : [`## ${SECTION_TITLES[section]}\n\n${printable(text)}`];
  });
  return `${parts.join('\n\n')}\n`;
}
