import { textOf } from '../json.ts';
import type { AdfDocument, AdfNode } from '../model/types.ts';

/**
 * The v2 face of rich text. JIRA stores one form and converts; so does this double, with a plain subset of wiki markup:
 * headings, lists, `{code}`, `{noformat}`, `{panel}`, tables and links.
 */
export function adfToWiki(document: AdfDocument): string {
  return blocks(document.content).trimEnd();
}

/** Wiki text to a document: headings, bullet lists and `{code}`/`{noformat}` blocks; everything else is paragraphs. */
export function wikiToAdf(text: string): AdfDocument {
  const content: AdfNode[] = [];
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  let index = 0;
  while (index < lines.length) {
    const line = lines[index] ?? '';
    const fence = /^\{(code|noformat)(?::([a-z]+))?\}(.*)$/.exec(line);
    const heading = /^h([1-6])\. (.+)$/.exec(line);
    if (fence !== null) {
      const closing = lines.findIndex((candidate, at) => at > index && candidate.endsWith(`{${fence[1]}}`));
      const end = closing === -1 ? lines.length - 1 : closing;
      const code = lines.slice(index + 1, end).join('\n');
      content.push({
        type: 'codeBlock',
        attrs: fence[2] === undefined ? {} : { language: fence[2] },
        content: textNodes(code),
      });
      index = end + 1;
    } else if (heading !== null) {
      content.push({
        type: 'heading',
        attrs: { level: Number(heading[1]) },
        content: textNodes(heading[2] ?? ''),
      });
      index += 1;
    } else if (/^[*-] /.test(line)) {
      const start = index;
      while (/^[*-] /.test(lines[index] ?? '')) index += 1;
      content.push({
        type: 'bulletList',
        content: lines.slice(start, index).map((item) => listItem(item.slice(2))),
      });
    } else {
      if (line !== '') content.push(paragraph(line));
      index += 1;
    }
  }
  return { type: 'doc', version: 1, content };
}

function paragraph(text: string): AdfNode {
  return { type: 'paragraph', content: textNodes(text) };
}

function listItem(text: string): AdfNode {
  return { type: 'listItem', content: [paragraph(text)] };
}

function textNodes(text: string): AdfNode[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

function blocks(nodes: readonly AdfNode[] | undefined, prefix = ''): string {
  return (nodes ?? []).map((node) => block(node, prefix)).join('');
}

function block(node: AdfNode, prefix: string): string {
  switch (node.type) {
    case 'heading':
      return `h${String(node.attrs?.['level'])}. ${inline(node)}\n\n`;
    case 'codeBlock': {
      const language = node.attrs?.['language'];
      const opening = typeof language === 'string' ? `{code:${language}}` : '{noformat}';
      const closing = typeof language === 'string' ? '{code}' : '{noformat}';
      return `${opening}\n${inline(node)}\n${closing}\n\n`;
    }
    case 'panel':
      return `{panel}\n${blocks(node.content).trimEnd()}\n{panel}\n\n`;
    case 'bulletList':
      return `${blocks(node.content, `${prefix}*`)}${prefix === '' ? '\n' : ''}`;
    case 'orderedList':
      return `${blocks(node.content, `${prefix}#`)}${prefix === '' ? '\n' : ''}`;
    case 'listItem':
      return listItemText(node, prefix);
    case 'rule':
      return '----\n\n';
    case 'blockquote':
      return `{quote}\n${blocks(node.content).trimEnd()}\n{quote}\n\n`;
    case 'expand':
    case 'nestedExpand':
      return `*${textOf(node.attrs?.['title'])}*\n\n${blocks(node.content)}`;
    case 'table':
      return `${(node.content ?? []).map(tableRow).join('')}\n`;
    default:
      return `${inline(node)}\n\n`;
  }
}

function listItemText(node: AdfNode, prefix: string): string {
  const [first, ...rest] = node.content ?? [];
  const line = first === undefined ? '' : inline(first);
  return `${prefix} ${line}\n${rest.map((child) => block(child, prefix)).join('')}`;
}

function tableRow(row: AdfNode): string {
  const cells = row.content ?? [];
  const bar = cells.every((cell) => cell.type === 'tableHeader') ? '||' : '|';
  return `${bar}${cells.map((cell) => blocks(cell.content).trim().replaceAll(/\n+/g, ' ')).join(bar)}${bar}\n`;
}

function inline(node: AdfNode): string {
  switch (node.type) {
    case 'text':
      return marked(node);
    case 'hardBreak':
      return '\n';
    case 'mention':
      return `[~accountid:${String(node.attrs?.['id'])}]`;
    case 'inlineCard':
      return `[${String(node.attrs?.['url'])}]`;
    case 'status':
    case 'emoji':
      return textOf(node.attrs?.['text'] ?? node.attrs?.['shortName']);
    default:
      return (node.content ?? []).map(inline).join('');
  }
}

function marked(node: AdfNode): string {
  let text = node.text ?? '';
  for (const mark of node.marks ?? []) {
    if (mark.type === 'strong') text = `*${text}*`;
    if (mark.type === 'em') text = `_${text}_`;
    if (mark.type === 'code') text = `{{${text}}}`;
    if (mark.type === 'link') text = `[${text}|${String(mark.attrs?.['href'])}]`;
  }
  return text;
}
