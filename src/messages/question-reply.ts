import type { Question } from '#domain/command.ts';
import { inlineCode, link } from './escape.ts';
import type { ChangeModel } from './note-model.ts';
import { verdictLine } from './verdict-line.ts';

/** The answer to a question about the change: how it stands, and where each of the projects is. Markdown. */
export function questionReply(
  question: Question,
  keys: readonly string[],
  { change, pageUrl }: ChangeModel,
): string {
  const asked = change.projects.filter(({ key }) => keys.includes(key));
  const rows = asked.map(({ key, status }) => `| ${inlineCode(key)} | ${status} |`);
  return [
    `**${question}** ${verdictLine(change)}`,
    ['| Project | Status |', '|---|---|', ...rows].join('\n'),
    link('History, gates and evidence', pageUrl),
  ].join('\n\n');
}
