import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';
import { isWebLink, storable } from '../answer.ts';
import { MOST_CHARACTERS, fitted } from '../fitted.ts';

const COLOURS = { info: '#deebff', success: '#e3fcef', warning: '#fffae6', error: '#ffebe6' } as const;

/**
 * Renders a document tree as JIRA's wiki markup. Text is never markup, whatever it holds: every character that means
 * anything to JIRA is escaped, and text of several lines stands in `{noformat}`, which nothing in it can close
 * (https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all). What is longer than JIRA takes loses
 * whole blocks, and says so.
 */
export function toWiki(blocks: readonly TicketBlock[]): string {
  return whole(fitted(blocks, wikiLength)).slice(0, MOST_CHARACTERS);
}

/** Characters of the whole text as it is sent. */
export function wikiLength(blocks: readonly TicketBlock[]): number {
  return whole(blocks).length;
}

const BETWEEN = '\n\n';

function whole(blocks: readonly TicketBlock[]): string {
  return blocks.map(block).join(BETWEEN);
}

function block(from: TicketBlock): string {
  switch (from.kind) {
    case 'heading':
      return `h${from.level}. ${escaped(from.text)}`;
    case 'paragraph':
      return inline(from.parts);
    case 'panel':
      return `{panel:bgColor=${COLOURS[from.tone]}}\n${inline(from.parts)}\n{panel}`;
    case 'bullets':
      return from.items.map((item) => `* ${inline(item)}`).join('\n');
    case 'table':
      return table(from.header, from.rows);
    case 'code':
      return `{noformat}\n${literal(from.text)}\n{noformat}`;
  }
}

/** An empty cell would end the row. */
function table(header: readonly string[], rows: readonly TicketText[][][]): string {
  const head = `||${header.map((text) => inline([{ text }]) || ' ').join('||')}||`;
  const body = rows.map((cells) => `|${cells.map((parts) => inline(parts) || ' ').join('|')}|`);
  return [head, ...body].join('\n');
}

/** Whatever stands first in a line or a cell could be a heading's or a quote's mark. */
function inline(parts: readonly TicketText[]): string {
  const filled = parts.filter(({ text }) => storable(text) !== '');
  const text = filled.map((part, index) => textOf(part, filled[index - 1], filled[index + 1])).join('');
  return text.replace(/^(\s*(?:h[1-6]|bq))\./, '$1\\.');
}

function textOf(part: TicketText, before: TicketText | undefined, after: TicketText | undefined): string {
  const text = escaped(part.text);
  if (text.trim() === '') return text;
  if ('href' in part) return isWebLink(part.href) ? `[${text.trim()}|${address(part.href)}]` : text;
  if ('mention' in part) return USER_NAME.test(part.mention) ? `[~${part.mention}]` : text;
  const [, start = '', inner = '', end = ''] = /^(\s*)(.*?)(\s*)$/.exec(text) ?? [];
  if (part.style === 'code') return `${start}{{${inner}}}${end}`;
  if (part.style !== 'strong') return text;
  // Without white space around them the marks need braces of their own.
  const hugs = (near: string | undefined, space: string) => space === '' && /\S/.test(near ?? ' ');
  const isTight = hugs(before?.text.at(-1), start) || hugs(after?.text.at(0), end);
  return isTight ? `${start}{*}${inner}{*}${end}` : `${start}*${inner}*${end}`;
}

/** Whatever could end a mention is in no name that is called. */
const USER_NAME = /^[^\s[\]|{}\\]+$/;

const SPECIAL = /[&\\{}[\]!*_^~\-+?|#@():;]|(?<=\/)\//g;

/** One line in which nothing is markup. A backslash cannot be escaped by another: two of them are a line break. */
function escaped(text: string): string {
  return storable(text)
    .replaceAll(/[\s\u0085\u2028\u2029]+/g, ' ')
    .replaceAll(SPECIAL, (character) => ENTITIES[character] ?? `\\${character}`);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '\\': '&#92;' };

/** `{noformat}` is closed by the next tag of that name alone, and no such tag can be in here. */
function literal(text: string): string {
  return storable(text)
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/\{(?=\s*noformat)/gi, '{\u200b');
}

/** A web address without a character that could end the link. */
function address(href: string): string {
  return new URL(href).href.replaceAll(
    /[\\|[\]{}!*^~]/g,
    (character) => `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}`,
  );
}
