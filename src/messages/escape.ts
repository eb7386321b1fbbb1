/**
 * Text of others in GitLab's Markdown. GitLab executes lines that begin with `/word` in our notes with our rights, and
 * turns `@all`, `#1` or `!2` into mentions and references. So whatever is not our own word goes through one of three
 * doors: `inlineCode` for names, `fence` for plans, `prose` for sentences that have names in them.
 */

export { minute } from '#domain/minute.ts';

const ZERO_WIDTH_SPACE = '\u200b';

/** One line in backticks, whatever it holds; at most `most` characters. */
export function inlineCode(text: string, most = 200): string {
  const line = shortened(oneLine(text), most);
  if (line === '') return '`(empty)`';
  const ticks = '`'.repeat(longestRun(line) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${line}${pad}${ticks}`;
}

/** `inlineCode` for a table cell, where a bar would end the cell even inside backticks. */
export function cellCode(text: string, most = 200): string {
  return inlineCode(text, most).replaceAll('|', '\\|');
}

/**
 * A fenced block. The fence is longer than any run of backticks inside (runs of three and more are broken by a zero-width
 * space, so that three suffice for every parser), and every line begins with a space or a diff marker: should a parser
 * take a line for text after all, it is no quick action.
 */
export function fence(text: string, language: 'diff' | 'text' = 'text'): string {
  const broken = printable(text).replaceAll(/`{3,}/g, (run) => run.split('').join(ZERO_WIDTH_SPACE));
  const lines = broken.replace(/\n+$/, '').split('\n').map(marked);
  return `\`\`\`${language}\n${lines.join('\n')}\n\`\`\``;
}

/** A sentence of ours that may hold names of others, on one line: nothing in it formats, mentions, refers or links. */
export function prose(text: string, most = 1_000): string {
  return (
    shortened(oneLine(text), most)
      .replaceAll(/[\\`*_[\]<>|~]/g, (char) => `\\${char}`)
      // Nobody is mentioned by an `@` in the middle of a word: an address stays whole, for people to copy.
      .replaceAll(/(?:[#!$%&^~[]|(?<![\w.+-])@)(?=\S)/g, (char) =>
        char === '&' ? `&amp;${ZERO_WIDTH_SPACE}` : `${char}${ZERO_WIDTH_SPACE}`,
      )
      // A colon matters in `:emoji:` and in addresses; elsewhere it stays whole, for ids that people copy.
      .replaceAll(/:(?=[\w+-]+:|\/\/)|(?<=\b(?:mailto|xmpp)):/gi, `:${ZERO_WIDTH_SPACE}`)
      .replace(/^([-+/]|\d+[.)])/, `${ZERO_WIDTH_SPACE}$1`)
  );
}

/** A reason of the core as a sentence of its own: capital first, full stop last. Markdown, as `prose`. */
export function sentence(reason: string): string {
  const text = clause(reason);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The same for a ticket, whose text is never markup: one line, capital first, full stop last. */
export function plainSentence(reason: string): string {
  const line = shortened(oneLine(reason), 1_000);
  const capital = line.charAt(0).toUpperCase() + line.slice(1);
  return capital === '' || /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}

/** A reason of the core as the end of a sentence. Markdown, as `prose`; commands to type, which it has in backticks, stay code. */
export function clause(reason: string): string {
  const text = shortened(oneLine(reason), 1_000)
    .split(/(`countersign [^`]{1,300}`)/)
    .map((part, at) => (at % 2 === 0 ? spaced(part) : inlineCode(part.slice(1, -1), 300)))
    .join('');
  return text === '' || /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** `prose` of a part of a sentence, with the spaces that set it apart from its neighbours. */
function spaced(part: string): string {
  return part.replace(/\S(?:.*\S)?/s, (words) => prose(words));
}

/** Text inside HTML, such as `<summary>`, which Markdown does not look into. */
export function html(text: string, most = 500): string {
  return shortened(oneLine(text), most).replaceAll(
    /[&<>"'`]/g,
    (char) => `&#${(char.codePointAt(0) ?? 0).toString()};`,
  );
}

/** A Markdown link to an address of ours or GitLab's; text alone when the address is not http(s). */
export function link(text: string, href: string): string {
  if (!URL.canParse(href) || !/^https?:$/.test(new URL(href).protocol)) return text;
  return `[${text}](${new URL(href).href.replaceAll('(', '%28').replaceAll(')', '%29')})`;
}

/** Without terminal sequences, control and bidirectional characters; lines end in `\n` alone. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(ANSI, '')
    .replaceAll(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replaceAll(UNSEEN, '');
}

/** `printable` on one line. */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, ' ').trim();
}

export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text
    .slice(0, most - 1)
    .toWellFormed()
    .replace(/\ufffd$/, '')}…`;
}

// Control sequences (CSI), operating-system commands (OSC, up to BEL or ST) and two-character escapes: ECMA-48.
const ANSI =
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[@-Z\\-_]?/g;

// What is left of C0 and C1 but tab and line feed; bidirectional marks, embeddings, overrides and isolates; invisible
// fillers that hide in names.
const UNSEEN =
  // oxlint-disable-next-line no-control-regex -- as above
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

function marked(line: string): string {
  return /^[ +\-~]/.test(line) ? line : ` ${line}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
