import { canonicalHash } from './canonical-hash.ts';
import { WORK_PLAN_SECTIONS, type WorkPlanSection } from './demand.ts';

/** What the merge request's author says of the work, by section; a section that is missing or empty is not there. */
export interface WorkPlan {
  sections: Readonly<Partial<Record<WorkPlanSection, string>>>;
  /** SHA-256 (hex) of all sections, part of the approved tuple; absent when there are none. */
  hash?: string;
}

/** A section's heading, as people write it. */
export const SECTION_TITLES: Readonly<Record<WorkPlanSection, string>> = {
  reason: 'Reason',
  impact: 'Impact',
  'fall-back': 'Fall-back',
  window: 'Window',
};

/** What is asked for and is not there, in the order in which people read a work plan. */
export function missingSections(
  { sections }: WorkPlan,
  demanded: readonly WorkPlanSection[],
): readonly WorkPlanSection[] {
  return WORK_PLAN_SECTIONS.filter(
    (section) => demanded.includes(section) && sections[section] === undefined,
  );
}

/** "Impact and Fall-back". */
export function sectionTitles(sections: readonly WorkPlanSection[]): string {
  const titles = sections.map((section) => SECTION_TITLES[section]);
  const last = titles.at(-1) ?? '';
  return titles.length < 2 ? last : `${titles.slice(0, -1).join(', ')} and ${last}`;
}

const TITLES: Readonly<Record<string, WorkPlanSection>> = {
  reason: 'reason',
  impact: 'impact',
  'fall-back': 'fall-back',
  fallback: 'fall-back',
  'fall back': 'fall-back',
  window: 'window',
};

/**
 * The work plan in a merge request's description: the text below the headings Reason, Impact, Fall-back and Window, of
 * any level, each whole, up to the next heading. Comments of the template are no text, headings in code are no headings, and
 * of two sections with one name the first counts.
 */
export function workPlanOf(description: string): WorkPlan {
  const sections: Partial<Record<WorkPlanSection, string>> = {};
  for (const { title, text } of split(description)) {
    const section = TITLES[title.toLowerCase()];
    if (section !== undefined && text !== '') sections[section] ??= text;
  }
  return Object.keys(sections).length === 0
    ? { sections }
    : { sections, hash: canonicalHash(WORK_PLAN_SECTIONS.map((section) => sections[section] ?? null)) };
}

function split(description: string): { title: string; text: string }[] {
  const found: { title: string; lines: string[] }[] = [];
  let fence: string | undefined;
  for (const line of withoutComments(description).split(/\r?\n/)) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || (mark[0] === fence[0] && mark.length >= fence.length)))
      fence = fence === undefined ? mark : undefined;
    const title =
      fence === undefined ? /^ {0,3}#{1,6}[ \t]+(.*?)[ \t:]*#*[ \t]*$/.exec(line)?.[1] : undefined;
    if (title === undefined) found.at(-1)?.lines.push(line);
    else found.push({ title: title.replaceAll(/[*_]/g, '').trim(), lines: [] });
  }
  return found.map(({ title, lines }) => ({ title, text: lines.join('\n').trim() }));
}

function withoutComments(text: string): string {
  return text.replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '');
}
