import { isObject } from '../json.ts';
import type { AdfDocument, AdfNode } from '../model/types.ts';

export const richTextLimit = 32_767;

/** Block and inline nodes this double knows; an unknown node is refused as JIRA refuses it (`INVALID_INPUT`). */
const children: Record<string, readonly string[] | 'none' | 'text'> = {
  doc: [
    'paragraph',
    'heading',
    'bulletList',
    'orderedList',
    'codeBlock',
    'panel',
    'table',
    'expand',
    'rule',
    'blockquote',
    'mediaSingle',
    'mediaGroup',
    'taskList',
  ],
  paragraph: ['text', 'hardBreak', 'mention', 'emoji', 'inlineCard', 'status', 'date'],
  heading: ['text', 'hardBreak', 'mention', 'emoji', 'inlineCard', 'status', 'date'],
  bulletList: ['listItem'],
  orderedList: ['listItem'],
  listItem: ['paragraph', 'bulletList', 'orderedList', 'codeBlock', 'mediaSingle'],
  codeBlock: ['text'],
  panel: ['paragraph', 'heading', 'bulletList', 'orderedList', 'codeBlock', 'rule', 'taskList'],
  table: ['tableRow'],
  tableRow: ['tableCell', 'tableHeader'],
  tableCell: [
    'paragraph',
    'heading',
    'bulletList',
    'orderedList',
    'codeBlock',
    'panel',
    'rule',
    'blockquote',
    'nestedExpand',
    'mediaSingle',
    'taskList',
  ],
  tableHeader: [
    'paragraph',
    'heading',
    'bulletList',
    'orderedList',
    'codeBlock',
    'panel',
    'rule',
    'blockquote',
    'nestedExpand',
    'mediaSingle',
    'taskList',
  ],
  expand: [
    'paragraph',
    'heading',
    'bulletList',
    'orderedList',
    'codeBlock',
    'panel',
    'table',
    'rule',
    'blockquote',
    'nestedExpand',
    'mediaSingle',
    'mediaGroup',
    'taskList',
  ],
  nestedExpand: [
    'paragraph',
    'heading',
    'bulletList',
    'orderedList',
    'codeBlock',
    'panel',
    'rule',
    'blockquote',
    'mediaSingle',
    'mediaGroup',
    'taskList',
  ],
  blockquote: ['paragraph', 'bulletList', 'orderedList', 'codeBlock'],
  taskList: ['taskItem', 'taskList'],
  taskItem: ['text', 'hardBreak', 'mention', 'emoji', 'inlineCard', 'status', 'date'],
  mediaSingle: ['media'],
  mediaGroup: ['media'],
  media: 'none',
  rule: 'none',
  hardBreak: 'none',
  mention: 'none',
  emoji: 'none',
  inlineCard: 'none',
  status: 'none',
  date: 'none',
  text: 'text',
};

/** Nodes that must not be empty. */
const nonEmpty = new Set([
  'bulletList',
  'orderedList',
  'listItem',
  'table',
  'tableRow',
  'panel',
  'expand',
  'blockquote',
  'taskList',
]);

const markTypes = new Set([
  'strong',
  'em',
  'code',
  'link',
  'strike',
  'underline',
  'subsup',
  'textColor',
  'backgroundColor',
]);
const panelTypes = new Set(['info', 'note', 'tip', 'warning', 'error', 'success', 'custom']);

/** True for a document of Atlassian Document Format version 1, by the rules JIRA enforces on input. */
export function isAdfDocument(value: unknown): value is AdfDocument {
  return (
    isObject(value) &&
    value['type'] === 'doc' &&
    value['version'] === 1 &&
    Array.isArray(value['content']) &&
    isNode(value, 'doc')
  );
}

/** The characters of a document's text nodes, which is what the rich text limit counts. */
export function adfLength(node: AdfNode): number {
  return (node.text?.length ?? 0) + (node.content ?? []).reduce((sum, child) => sum + adfLength(child), 0);
}

function isNode(value: unknown, type: string): boolean {
  if (!isObject(value) || value['type'] !== type) return false;
  const allowed = children[type];
  if (allowed === undefined) return false;
  if (allowed === 'text') return isText(value);
  const content = value['content'];
  if (allowed === 'none') return content === undefined && hasValidAttributes(type, value['attrs']);
  if (content !== undefined && !Array.isArray(content)) return false;
  const nodes: unknown[] = content ?? [];
  if (nodes.length === 0 && nonEmpty.has(type)) return false;
  return (
    hasValidAttributes(type, value['attrs']) &&
    nodes.every(
      (child) =>
        isObject(child) &&
        typeof child['type'] === 'string' &&
        allowed.includes(child['type']) &&
        isNode(child, child['type']),
    )
  );
}

function isText(node: Record<string, unknown>): boolean {
  const { text, marks } = node;
  if (typeof text !== 'string' || text === '') return false;
  if (marks === undefined) return true;
  if (!Array.isArray(marks)) return false;
  const types = marks.map((mark: unknown) => (isObject(mark) ? mark['type'] : undefined));
  // A `code` mark combines with links and annotations only.
  if (types.includes('code') && types.some((type) => type !== 'code' && type !== 'link')) return false;
  return marks.every(
    (mark: unknown) =>
      isObject(mark) &&
      typeof mark['type'] === 'string' &&
      markTypes.has(mark['type']) &&
      (mark['type'] !== 'link' || (isObject(mark['attrs']) && typeof mark['attrs']['href'] === 'string')),
  );
}

function hasValidAttributes(type: string, attrs: unknown): boolean {
  const given = isObject(attrs) ? attrs : {};
  switch (type) {
    case 'heading':
      return Number.isInteger(given['level']) && Number(given['level']) >= 1 && Number(given['level']) <= 6;
    case 'panel':
      return typeof given['panelType'] === 'string' && panelTypes.has(given['panelType']);
    case 'mention':
      return typeof given['id'] === 'string';
    case 'inlineCard':
      return typeof given['url'] === 'string' || isObject(given['data']);
    case 'status':
      return typeof given['text'] === 'string' && typeof given['color'] === 'string';
    default:
      return true;
  }
}
