import { WORK_PLAN_SECTIONS, type WorkPlanSection } from './demand.ts';
import { SECTION_TITLES } from './work-plan.ts';

/** What each section is for, as a question to whoever writes it. */
export const SECTION_QUESTIONS: Readonly<Record<WorkPlanSection, string>> = {
  reason: 'Why is this changed, and why now? Name the request or incident behind it.',
  impact: 'Who notices, and what happens to them: while it is applied, and if it goes wrong?',
  'fall-back': 'How is it taken back, by whom, how long does that take, and what cannot be taken back?',
  window: 'When may it be applied, and who is at hand then? "Any time" is an answer.',
};

/** The description that a merge request begins with, for `.gitlab/merge_request_templates/Default.md`. */
export function workPlanTemplate(): string {
  const sections = WORK_PLAN_SECTIONS.map(
    (section) => `## ${SECTION_TITLES[section]}\n\n<!-- ${SECTION_QUESTIONS[section]} -->\n`,
  );
  return `${sections.join('\n')}`;
}
