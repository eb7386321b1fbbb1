import type { TicketBlock, TicketText } from '#app/ports/ticketing.ts';
import { isWebLink, storable } from '../answer.ts';
import { fitted } from '../fitted.ts';

/** Atlassian Document Format: text in nodes is never markup, whatever it holds. */
export interface AdfDocument extends Record<string, unknown> {
  type: 'doc';
  version: 1;
  content: AdfNode[];
}

export interface AdfNode extends Record<string, unknown> {
  type: string;
  content?: AdfNode[];
}

/**
 * Renders a document tree. Links other than http(s) become plain text; empty texts, which ADF forbids, are left out, and so
 * is what is longer than JIRA takes.
 */
export function toAdf(blocks: readonly TicketBlock[]): AdfDocument {
  return document(fitted(blocks, adfLength));
}

/** Characters of the whole document as it is sent. */
export function adfLength(blocks: readonly TicketBlock[]): number {
  return JSON.stringify(document(blocks)).length;
}

function document(blocks: readonly TicketBlock[]): AdfDocument {
  return { type: 'doc', version: 1, content: blocks.map(block) };
}

/** All text of a document in reading order, a line per text; for finding a marker in a comment. */
export function textsOf(document: unknown): string[] {
  if (typeof document !== 'object' || document === null) return [];
  const { attrs, text, content, type } = document as Partial<
    Record<'attrs' | 'text' | 'content' | 'type', unknown>
  >;
  if (type === 'mention') return textsOf(attrs);
  const below = Array.isArray(content) ? content.flatMap(textsOf) : [];
  return typeof text === 'string' ? [text, ...below] : below;
}

function block(from: TicketBlock): AdfNode {
  switch (from.kind) {
    case 'heading':
      return { type: 'heading', attrs: { level: from.level }, content: texts([{ text: from.text }]) };
    case 'paragraph':
      return paragraph(from.parts);
    case 'panel':
      return { type: 'panel', attrs: { panelType: from.tone }, content: [paragraph(from.parts)] };
    case 'bullets':
      return {
        type: 'bulletList',
        content: from.items.map((item) => ({ type: 'listItem', content: [paragraph(item)] })),
      };
    case 'table':
      return table(from.header, from.rows);
    case 'code':
      return {
        type: 'codeBlock',
        ...(from.language === undefined ? {} : { attrs: { language: from.language } }),
        // Marks are forbidden in here.
        content: texts([{ text: from.text }]),
      };
  }
}

function paragraph(parts: readonly TicketText[]): AdfNode {
  return { type: 'paragraph', content: texts(parts) };
}

function table(header: readonly string[], rows: readonly TicketText[][][]): AdfNode {
  const head = header.map((text) => cell('tableHeader', [{ text, style: 'strong' }]));
  const body = rows.map((cells) => cells.map((parts) => cell('tableCell', parts)));
  return {
    type: 'table',
    attrs: { isNumberColumnEnabled: false, layout: 'default' },
    content: [head, ...body].map((content) => ({ type: 'tableRow', content })),
  };
}

function cell(type: 'tableHeader' | 'tableCell', parts: readonly TicketText[]): AdfNode {
  return { type, attrs: {}, content: [paragraph(parts)] };
}

function texts(parts: readonly TicketText[]): AdfNode[] {
  return parts.flatMap((part): AdfNode[] => {
    const text = storable(part.text);
    if (text === '') return [];
    if ('mention' in part) return [{ type: 'mention', attrs: { id: part.mention, text: `@${text}` } }];
    const marks = marksOf(part);
    return [{ type: 'text', text, ...(marks.length === 0 ? {} : { marks }) }];
  });
}

function marksOf(part: Exclude<TicketText, { mention: string }>): AdfNode[] {
  if ('href' in part) return isWebLink(part.href) ? [{ type: 'link', attrs: { href: part.href } }] : [];
  if (part.style === 'strong' || part.style === 'code') return [{ type: part.style }];
  return [];
}
