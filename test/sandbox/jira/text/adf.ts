import { isObject, type JsonObject } from '../json.ts';
import type { AdfDocument } from '../model/types.ts';
import { type MarkRule, markRules, type NodeRule, nodeRules } from './adf-rules.ts';

export const richTextLimit = 32_767;

/** Blocks that may say that they have no marks; the marks they could have (alignment, indentation) are left out here. */
const markable = new Set(['paragraph', 'heading', 'codeBlock', 'expand']);

/** True for a document of Atlassian Document Format version 1 made of the nodes this double knows. */
export function isAdfDocument(value: unknown): value is AdfDocument {
  if (!isObject(value) || value['version'] !== 1) return false;
  const { version: _, ...node } = value;
  return isNode(node, 'doc', false);
}

/** The characters of a document as it is sent: the stricter of two readings of what the rich text limit counts. */
export function adfLength(document: AdfDocument): number {
  return JSON.stringify(document).length;
}

/** `plain`: the text inside may carry no marks, as in a code block. */
function isNode(value: JsonObject, type: string, plain: boolean): boolean {
  if (value['type'] !== type) return false;
  if (type === 'text') return isText(value, plain);
  const rule = nodeRules.get(type);
  if (rule === undefined || !hasOnly(value, ['type', 'attrs', 'content', 'marks'])) return false;
  if ('marks' in value && !(markable.has(type) && isEmptyList(value['marks']))) return false;
  return hasAttributes(rule, value['attrs']) && hasContent(rule, value['content'], type === 'codeBlock');
}

function hasContent(rule: NodeRule, content: unknown, plain: boolean): boolean {
  const { children, atLeast } = rule;
  if (children === null) return content === undefined;
  if (content === undefined) return atLeast === undefined;
  if (!Array.isArray(content) || content.length < (atLeast ?? 0)) return false;
  return content.every((child: unknown) => {
    if (!isObject(child)) return false;
    const type = children.find((allowed) => allowed === child['type']);
    return type !== undefined && isNode(child, type, plain);
  });
}

function hasAttributes(rule: NodeRule | MarkRule, attrs: unknown): boolean {
  if (attrs === undefined) return rule.required.length === 0;
  if (!isObject(attrs)) return false;
  return (
    rule.required.every((name) => name in attrs) &&
    Object.entries(attrs).every(([name, value]) => rule.attributes[name]?.(value) ?? false)
  );
}

function isText(node: JsonObject, plain: boolean): boolean {
  const { text, marks } = node;
  if (typeof text !== 'string' || text === '' || !hasOnly(node, ['type', 'text', 'marks'])) return false;
  if (marks === undefined) return true;
  if (!Array.isArray(marks) || (plain && marks.length > 0) || !marks.every(isMark)) return false;
  const types = marks.map((mark) => mark.type);
  // Code combines with links alone.
  return !types.includes('code') || types.every((type) => type === 'code' || type === 'link');
}

function isMark(mark: unknown): mark is { type: string } {
  if (!isObject(mark) || typeof mark['type'] !== 'string' || !hasOnly(mark, ['type', 'attrs'])) return false;
  const rule = markRules.get(mark['type']);
  if (rule === undefined) return false;
  // A mark without attributes may not even carry an empty object of them.
  if (Object.keys(rule.attributes).length === 0) return !('attrs' in mark);
  return hasAttributes(rule, mark['attrs']);
}

function hasOnly(value: JsonObject, keys: readonly string[]): boolean {
  return Object.keys(value).every((key) => keys.includes(key));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
