import type { Ticket } from '#domain/change.ts';
import { COMMANDS } from '#domain/command.ts';
import type { Command } from '#domain/command.ts';
import type { CommandOutcome } from '#domain/effect.ts';
import type { Refusal } from '#domain/refusal.ts';
import { commandResult, commandText } from './command-result.ts';
import { clause, inlineCode, link, sentence } from './escape.ts';

/** The answer to a comment that spoke to Countersign. Markdown; text of others stands in code. */
export function commandReply(answer: {
  command: Command;
  outcome: CommandOutcome;
  pageUrl: string;
  /** Of the change, where what is missing may have to be done. */
  ticket: Ticket;
}): string {
  const { command, outcome, pageUrl, ticket } = answer;
  switch (outcome.kind) {
    case 'accepted':
      return `**Accepted** ${commandText(command)}: ${clause(outcome.doing)} ${link('Follow it here', pageUrl)}; the note above will show the result.`;
    case 'waiting':
      return `**Waiting** ${commandText(command)}: ${clause(outcome.behind)} It is done right after that, and this answer will say so. ${link('Follow it here', pageUrl)}.`;
    case 'help':
      return ['**What can be asked for here**', commandList(), link('This change', pageUrl)].join('\n\n');
    case 'done':
      return commandResult(command, outcome.results, pageUrl);
    case 'refused':
      return refused(command, outcome.refusals, [
        link('Details and evidence', pageUrl),
        ...ticketLink(ticket),
      ]);
  }
}

function refused(command: Command, refusals: readonly Refusal[], links: readonly string[]): string {
  if (command.verb === 'unknown') return notUnderstood(command);
  return [
    `**Refused** ${commandText(command)}; nothing was done.`,
    refusals.map(refusalLines).join('\n'),
    links.join(' · '),
  ].join('\n\n');
}

function ticketLink(ticket: Ticket): string[] {
  return 'key' in ticket ? [link(`Ticket ${ticket.key}`, ticket.url)] : [];
}

/** What was probably meant is enough to read; who meant nothing that is known gets the list. */
function notUnderstood({ text, why, didYouMean }: Extract<Command, { verb: 'unknown' }>): string {
  const reason = why === undefined ? '' : ` ${sentence(why)}`;
  const told = `**Not understood**: ${inlineCode(text)}.${reason}`;
  return didYouMean === undefined
    ? `${told} Nothing was done.\n\n${commandList()}`
    : `${told} Did you mean ${inlineCode(didYouMean)}? Nothing was done. Comment \`countersign help\` for all there is.`;
}

function refusalLines(refusal: Refusal): string {
  const about = refusal.project === undefined ? '' : `${inlineCode(refusal.project)}: `;
  const remedy = refusal.remedy === '' ? '' : ` *${sentence(refusal.remedy)}*`;
  const gates = (refusal.gates ?? []).map((gate) => {
    const answer = gate.answer === 'unknown' ? ' (unknown counts as no)' : '';
    return `  - ${inlineCode(gate.gate)}${answer}: ${clause(gate.reason)}${gate.remedy === '' ? '' : ` *${sentence(gate.remedy)}*`}`;
  });
  return [`- ${about}${sentence(refusal.reason)}${remedy}`, ...gates].join('\n');
}

const WHICH =
  "`-d`, `-w` and `-p` choose projects, also by pattern: `-d fin/prod/**`, `-p payments-*`. An address with quotes in it stands as it is, or in `'…'`.";

function commandList(): string {
  const rows = COMMANDS.map(({ usage, does }) => `| ${inlineCode(usage).replaceAll('|', '\\|')} | ${does} |`);
  const table = ['| Comment | What it does |', '|---|---|', ...rows].join('\n');
  return `${table}\n\n${WHICH}`;
}
