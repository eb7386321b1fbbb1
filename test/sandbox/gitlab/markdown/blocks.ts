/**
 * The block structure of a Markdown text, as far as GitLab notes use it (CommonMark blocks and GFM tables).
 * Line numbers count from 0; `end` is the last line of the block. Only blocks of this level are told apart: the lines
 * inside a quote or a list item are parsed again by whoever wants their structure.
 */
export type Block = { start: number; end: number } & (
  | { kind: 'paragraph'; text: string }
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'code'; info: string; text: string }
  | { kind: 'html'; text: string }
  | { kind: 'quote'; lines: string[] }
  | { kind: 'list'; ordered: boolean; first: number; items: string[][] }
  | { kind: 'table'; header: string[]; align: string[]; rows: string[][] }
  | { kind: 'rule' }
);

const FENCE = /^( {0,3})(`{3,}|~{3,})(.*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])( +|$)/;
const HTML_TAG =
  /^ {0,3}<\/?(?:details|summary|div|p|table|thead|tbody|tr|td|th|ul|ol|li|dl|dt|dd|h[1-6]|hr|center|section|blockquote|form|body|html|head|iframe|main|nav|option|base|link|meta|title|header|footer|figure|fieldset|aside|article|address)(?:[\s/>]|$)/i;
const HTML_ALONE =
  /^ {0,3}<\/?[a-z][a-z0-9-]*(?:\s+[a-z_:][\w.:-]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*\/?>\s*$/i;
const TABLE_RULE = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

export function parseBlocks(lines: string[]): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    if ((lines[at] ?? '').trim() === '') {
      at += 1;
      continue;
    }
    const block = blockAt(lines, at);
    blocks.push(block);
    at = block.end + 1;
  }
  return blocks;
}

function blockAt(lines: string[], at: number): Block {
  const line = lines[at] ?? '';
  return (
    indentedCode(lines, at) ??
    fencedCode(lines, at) ??
    heading(line, at) ??
    (RULE.test(line) ? { kind: 'rule', start: at, end: at } : undefined) ??
    quote(lines, at) ??
    list(lines, at) ??
    htmlBlock(lines, at, false) ??
    table(lines, at) ??
    paragraph(lines, at)
  );
}

function indentedCode(lines: string[], at: number): Block | undefined {
  if (!/^(?: {4}|\t)/.test(lines[at] ?? '')) return undefined;
  let end = at;
  for (let next = at; next < lines.length; next += 1) {
    const line = lines[next] ?? '';
    if (/^(?: {4}|\t)/.test(line) && line.trim() !== '') end = next;
    else if (line.trim() !== '') break;
  }
  const text = lines.slice(at, end + 1).map((line) => line.replace(/^(?: {4}|\t)/, ''));
  return { kind: 'code', info: '', text: text.join('\n'), start: at, end };
}

function fencedCode(lines: string[], at: number): Block | undefined {
  const open = FENCE.exec(lines[at] ?? '');
  if (open === null) return undefined;
  const [, indent = '', fence = '', info = ''] = open;
  if (fence.startsWith('`') && info.includes('`')) return undefined;
  const close = new RegExp(`^ {0,3}\\${fence[0]}{${fence.length},}[ \\t]*$`);
  let end = at + 1;
  while (end < lines.length && !close.test(lines[end] ?? '')) end += 1;
  const strip = new RegExp(`^ {0,${indent.length}}`);
  const text = lines.slice(at + 1, end).map((line) => line.replace(strip, ''));
  return {
    kind: 'code',
    info: info.trim(),
    text: text.join('\n'),
    start: at,
    end: Math.min(end, lines.length - 1),
  };
}

function heading(line: string, at: number): Block | undefined {
  const match = HEADING.exec(line);
  if (match === null) return undefined;
  return { kind: 'heading', level: match[1]?.length ?? 1, text: match[2] ?? '', start: at, end: at };
}

function quote(lines: string[], at: number): Block | undefined {
  if (!QUOTE.test(lines[at] ?? '')) return undefined;
  let end = at;
  while (end + 1 < lines.length) {
    const next = lines[end + 1] ?? '';
    // A line without the mark goes on with the quoted paragraph, unless it begins something of its own.
    const lazy =
      next.trim() !== '' &&
      !interrupts(lines, end + 1) &&
      (lines[end] ?? '').replace(QUOTE, '').trim() !== '';
    if (!QUOTE.test(next) && !lazy) break;
    end += 1;
  }
  return {
    kind: 'quote',
    lines: lines.slice(at, end + 1).map((line) => line.replace(QUOTE, '')),
    start: at,
    end,
  };
}

function list(lines: string[], at: number): Block | undefined {
  const first = ITEM.exec(lines[at] ?? '');
  if (first === null) return undefined;
  const marker = (text: string) => (/\d/.test(text) ? text.at(-1) : text);
  const items: string[][] = [];
  let indent = 0;
  let end = at;
  for (let next = at; next < lines.length; next += 1) {
    const line = lines[next] ?? '';
    const item = ITEM.exec(line);
    const blankBefore = next > at && (lines[next - 1] ?? '').trim() === '';
    if (line.trim() === '') {
      items.at(-1)?.push('');
      continue;
    }
    if (items.length > 0 && leading(line) >= indent) items.at(-1)?.push(line.slice(indent));
    else if (item !== null && marker(item[2] ?? '') === marker(first[2] ?? '') && !RULE.test(line)) {
      indent = item[0].trimEnd().length + Math.min(Math.max((item[3] ?? ' ').length, 1), 4);
      items.push([line.slice(indent)]);
    } else if (!blankBefore && !interrupts(lines, next)) items.at(-1)?.push(line.trimStart());
    else break;
    end = next;
  }
  const number = Number.parseInt(first[2] ?? '1', 10);
  return {
    kind: 'list',
    ordered: /\d/.test(first[2] ?? ''),
    first: Number.isNaN(number) ? 1 : number,
    items,
    start: at,
    end,
  };
}

function htmlBlock(lines: string[], at: number, insideParagraph: boolean): Block | undefined {
  const line = lines[at] ?? '';
  const until = (stop: RegExp): Block => {
    let end = at;
    while (end < lines.length && !stop.test(lines[end] ?? '')) end += 1;
    return html(lines, at, Math.min(end, lines.length - 1));
  };
  if (/^ {0,3}<!--/.test(line)) return until(/-->/);
  if (/^ {0,3}<(?:script|pre|style|textarea)(?:[\s>]|$)/i.test(line))
    return until(/<\/(?:script|pre|style|textarea)>/i);
  if (/^ {0,3}<\?/.test(line)) return until(/\?>/);
  if (/^ {0,3}<![A-Z]/i.test(line)) return until(/>/);
  if (!HTML_TAG.test(line) && (insideParagraph || !HTML_ALONE.test(line))) return undefined;
  let end = at;
  while (end + 1 < lines.length && (lines[end + 1] ?? '').trim() !== '') end += 1;
  return html(lines, at, end);
}

function html(lines: string[], start: number, end: number): Block {
  return { kind: 'html', text: lines.slice(start, end + 1).join('\n'), start, end };
}

function table(lines: string[], at: number): Block | undefined {
  const [head = '', rule = ''] = [lines[at], lines[at + 1]];
  if (!head.includes('|') || !TABLE_RULE.test(rule)) return undefined;
  const header = cells(head);
  const align = cells(rule).map((cell) =>
    cell.endsWith(':') ? (cell.startsWith(':') ? 'center' : 'right') : 'left',
  );
  if (header.length !== align.length) return undefined;
  let end = at + 1;
  while (end + 1 < lines.length && (lines[end + 1] ?? '').trim() !== '' && !interrupts(lines, end + 1))
    end += 1;
  const rows = lines
    .slice(at + 2, end + 1)
    .map((line) => header.map((_, column) => cells(line)[column] ?? ''));
  return { kind: 'table', header, align, rows, start: at, end };
}

function cells(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.replace(/\\\|/g, '|').trim());
}

function paragraph(lines: string[], at: number): Block {
  let end = at;
  while (end + 1 < lines.length) {
    const next = lines[end + 1] ?? '';
    const underline = /^ {0,3}(=+|-+)[ \t]*$/.exec(next);
    if (underline !== null) {
      const text = lines
        .slice(at, end + 1)
        .join('\n')
        .trim();
      return { kind: 'heading', level: underline[1]?.startsWith('=') ? 1 : 2, text, start: at, end: end + 1 };
    }
    if (next.trim() === '' || interrupts(lines, end + 1)) break;
    end += 1;
  }
  const text = lines.slice(at, end + 1).map((line) => line.trimStart());
  return { kind: 'paragraph', text: text.join('\n'), start: at, end };
}

/** Whether a line ends a paragraph above it without a blank line between. */
function interrupts(lines: string[], at: number): boolean {
  const line = lines[at] ?? '';
  const item = ITEM.exec(line);
  const startsList =
    item !== null &&
    line.slice(item[0].length) !== '' &&
    (!/\d/.test(item[2] ?? '') || /^1[.)]/.test(item[2] ?? ''));
  return (
    fencedCode(lines, at) !== undefined ||
    HEADING.test(line) ||
    RULE.test(line) ||
    QUOTE.test(line) ||
    startsList ||
    htmlBlock(lines, at, true) !== undefined
  );
}

function leading(line: string): number {
  return line.length - line.trimStart().length;
}
