import { parseInline } from './wiki-inline.ts';
import type { WikiBlock, WikiCell, WikiItem } from './wiki-tree.ts';

const opening = /\{(noformat|code|panel|quote|color)(?::([^}\n]*))?\}/iy;

/**
 * Wiki markup as Jira Data Center reads it, after its "Text Formatting Notation Help". Macros are found wherever they stand;
 * one that is never closed goes on to the end.
 */
export function parseWiki(text: string): WikiBlock[] {
  return parseMacros(text.replaceAll('\r\n', '\n'));
}

function parseMacros(text: string): WikiBlock[] {
  const blocks: WikiBlock[] = [];
  let start = 0;
  let index = 0;
  while (index < text.length) {
    opening.lastIndex = index;
    const found = text.charAt(index) === '\\' ? null : opening.exec(text);
    if (found === null) {
      index += text.charAt(index) === '\\' && text.charAt(index + 1) !== '\\' ? 2 : 1;
      continue;
    }
    const name = (found[1] ?? '').toLowerCase();
    const body = bodyOf(text, index + found[0].length, name);
    blocks.push(...parseLines(text.slice(start, index)), macroBlock(name, found[2] ?? '', body.text));
    index = body.end;
    start = index;
  }
  blocks.push(...parseLines(text.slice(start)));
  return blocks;
}

/** Text up to the next tag of the same name, with or without parameters; escaping does not save a literal body. */
function bodyOf(text: string, from: number, name: string): { text: string; end: number } {
  const literal = name === 'noformat' || name === 'code';
  const tag = new RegExp(`${literal ? '' : '(?<!\\\\)'}\\{\\s*${name}(?::[^}\\n]*)?\\s*\\}`, 'ig');
  tag.lastIndex = from;
  const found = tag.exec(text);
  return found === null
    ? { text: text.slice(from), end: text.length }
    : { text: text.slice(from, found.index), end: found.index + found[0].length };
}

function macroBlock(name: string, attributes: string, body: string): WikiBlock {
  switch (name) {
    case 'noformat':
    case 'code':
      return {
        kind: 'code',
        language: name === 'code' ? attributes : '',
        text: body.replace(/^\n|\n$/g, ''),
      };
    case 'quote':
      return { kind: 'quote', content: parseMacros(body) };
    default:
      return { kind: 'panel', attributes: `${name}:${attributes}`, content: parseMacros(body) };
  }
}

const listItem = /^\s*([*#-]+)\s+(.*)$/;

/** Lines without macros. */
function parseLines(text: string): WikiBlock[] {
  const blocks: WikiBlock[] = [];
  const lines = text.split('\n');
  let index = 0;
  const take = (pattern: RegExp): string[] => {
    const start = index;
    while (index < lines.length && pattern.test(lines[index] ?? '')) index += 1;
    return lines.slice(start, index);
  };
  while (index < lines.length) {
    const line = lines[index] ?? '';
    const heading = /^\s*h([1-6])\.(?:\s+|$)(.*)$/.exec(line);
    const quoted = /^\s*bq\.\s+(.*)$/.exec(line);
    if (line.trim() === '') index += 1;
    else if (heading !== null) {
      blocks.push({ kind: 'heading', level: Number(heading[1]), content: parseInline(heading[2] ?? '') });
      index += 1;
    } else if (quoted !== null) {
      blocks.push({ kind: 'quote', content: [{ kind: 'paragraph', content: parseInline(quoted[1] ?? '') }] });
      index += 1;
    } else if (/^\s*-{4,5}\s*$/.test(line)) {
      blocks.push({ kind: 'rule' });
      index += 1;
    } else if (/^\s*\|/.test(line)) blocks.push({ kind: 'table', rows: take(/^\s*\|/).map(cellsOf) });
    else if (listItem.test(line)) blocks.push(...listsOf(take(listItem)));
    else {
      const start = index;
      index += 1;
      while (index < lines.length && !startsBlock(lines[index] ?? '')) index += 1;
      const paragraph = lines.slice(start, index).join('\n');
      blocks.push({ kind: 'paragraph', content: parseInline(paragraph) });
    }
  }
  return blocks;
}

function startsBlock(line: string): boolean {
  return line.trim() === '' || /^\s*(?:h[1-6]\.|bq\.\s|\||-{4,5}\s*$)/.test(line) || listItem.test(line);
}

/** `||header||header||`, `|cell|cell|`; a bar in brackets or behind a backslash separates nothing. */
function cellsOf(line: string): WikiCell[] {
  const cells: WikiCell[] = [];
  let text = '';
  let header = false;
  let depth = 0;
  const push = () => {
    if (cells.length > 0 || text.trim() !== '') cells.push({ header, content: parseLines(text) });
    text = '';
  };
  const row = line.trim();
  for (let index = 0; index < row.length; index += 1) {
    const character = row.charAt(index);
    if (character === '\\') {
      text += row.slice(index, index + 2);
      index += 1;
    } else if (character === '|' && depth === 0) {
      if (index > 0) cells.push({ header, content: parseLines(text) });
      text = '';
      header = row.charAt(index + 1) === '|';
      if (header) index += 1;
    } else {
      depth = Math.max(0, depth + (character === '[' ? 1 : character === ']' ? -1 : 0));
      text += character;
    }
  }
  if (text.trim() !== '') push();
  return cells;
}

/** Lines of items by how many markers they begin with. */
function listsOf(lines: readonly string[]): WikiBlock[] {
  const items: (WikiItem & { ordered: boolean })[] = [];
  let index = 0;
  while (index < lines.length) {
    const [, markers = '', text = ''] = listItem.exec(lines[index] ?? '') ?? [];
    const below: string[] = [];
    index += 1;
    while (index < lines.length && markersOf(lines[index] ?? '').length > markers.length) {
      below.push(lines[index] ?? '');
      index += 1;
    }
    items.push({ ordered: markers.endsWith('#'), content: parseInline(text), below: listsOf(below) });
  }
  const blocks: Extract<WikiBlock, { kind: 'list' }>[] = [];
  for (const { ordered, ...item } of items) {
    const last = blocks.at(-1);
    if (last?.ordered === ordered) last.items.push(item);
    else blocks.push({ kind: 'list', ordered, items: [item] });
  }
  return blocks;
}

function markersOf(line: string): string {
  return listItem.exec(line)?.[1] ?? '';
}
