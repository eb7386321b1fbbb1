import { renderDifference } from '#domain/plan/render-difference.ts';
import { WORK_PLAN_SECTIONS } from '#domain/demand.ts';
import type { TicketBlock } from '#domain/ticket-document.ts';
import { SECTION_TITLES, sectionTitles, type WorkPlan } from '#domain/work-plan.ts';
import { differenceInWords, type PlanComparison } from './answer-diff.ts';
import { plural } from './counts.ts';
import { oneLine, printable, shortened } from './escape.ts';

const MOST_OF_VALUE = 200;
const MOST_PROJECTS = 20;
/** Characters for each project that is named. */
const FOR_EACH = 150;

/**
 * What an approver has seen before and now comes out differently, resource by resource; nothing when all is as it was.
 * `most` bounds the characters of the resources shown; a resource is shown whole or counted.
 */
export function differenceBlocks(
  comparisons: readonly PlanComparison[],
  most: number,
  edit?: WorkPlanEdit,
): TicketBlock[] {
  const differing = comparisons.filter(isNews);
  const edited = edit === undefined ? [] : editBlocks(edit, Math.min(MOST_OF_SECTION, most / 5));
  if (differing.length === 0 && edited.length === 0) return [];
  const bases = differing.flatMap(({ base }) => base ?? []);
  const isApproved = bases.length === 0 ? edited.length > 0 : bases.every((base) => base.isApproved);
  const named = Math.min(MOST_PROJECTS, Math.ceil(most / FOR_EACH));
  let room = most;
  const shown = differing.slice(0, named).flatMap((each): TicketBlock[] => {
    const blocks =
      each.difference === undefined ? [] : renderDifference(each.difference, { mostOfValue: MOST_OF_VALUE });
    const fitting = blocks.filter((block) => (room -= block.length + 2) >= 0);
    const left = blocks.length - fitting.length;
    const rest = left > 0 ? ` ${plural(left, 'more difference')} in the attached plan.` : '';
    return [
      {
        kind: 'paragraph',
        parts: [
          { text: shortened(oneLine(each.key), 160), style: 'code' },
          { text: `: ${each.base === undefined ? FIRST_SEEN : differenceInWords(each)}${rest}` },
        ],
      },
      ...(fitting.length === 0
        ? []
        : [{ kind: 'code' as const, language: 'diff', text: fitting.join('\n\n') }]),
    ];
  });
  const more = differing.length - named;
  return [
    {
      kind: 'heading',
      level: 2,
      text: isApproved ? 'What changed since it was approved' : 'What changed since the plan before',
    },
    ...edited,
    ...shown,
    ...(more > 0
      ? [
          {
            kind: 'paragraph' as const,
            parts: [{ text: `And ${plural(more, 'more project')} that came out differently.` }],
          },
        ]
      : []),
  ];
}

/** The sections of a work plan as they were approved, and as they are. */
export interface WorkPlanEdit {
  approved: WorkPlan['sections'];
  present: WorkPlan['sections'];
}

const MOST_OF_SECTION = 1_000;

/** Each section that reads otherwise than when it was approved. */
function editBlocks({ approved, present }: WorkPlanEdit, most: number): TicketBlock[] {
  const edited = WORK_PLAN_SECTIONS.filter((section) => approved[section] !== present[section]);
  if (edited.length === 0) return [];
  const lines = edited.flatMap((section) => [
    `# ${SECTION_TITLES[section]}`,
    ...marked('-', approved[section], most),
    ...marked('+', present[section], most),
  ]);
  return [
    {
      kind: 'paragraph',
      parts: [{ text: `The work plan was edited: ${sectionTitles(edited)}.`, style: 'strong' }],
    },
    { kind: 'code', language: 'diff', text: lines.join('\n') },
  ];
}

function marked(mark: '-' | '+', text: string | undefined, most: number): string[] {
  if (text === undefined) return [];
  return shortened(printable(text), most)
    .split('\n')
    .map((line) => `${mark} ${line}`);
}

const FIRST_SEEN = 'could not be planned before, so nothing of it was seen; its plan is below.';

function isNews({ base, difference, hasPlan }: PlanComparison): boolean {
  return difference === undefined ? hasPlan && base === undefined : !difference.isEqual;
}

/** The characters of a document's text, which is what JIRA's limit counts. */
export function textLength(blocks: readonly TicketBlock[]): number {
  const of = (parts: readonly { text: string }[]) => parts.reduce((sum, { text }) => sum + text.length, 0);
  return blocks.reduce((sum, block) => {
    switch (block.kind) {
      case 'heading':
      case 'code':
        return sum + block.text.length;
      case 'paragraph':
      case 'panel':
        return sum + of(block.parts);
      case 'bullets':
        return sum + block.items.reduce((all, parts) => all + of(parts), 0);
      case 'table':
        return (
          sum +
          block.header.join('').length +
          block.rows.reduce((all, cells) => all + cells.reduce((row, parts) => row + of(parts), 0), 0)
        );
    }
  }, 0);
}
