import { storable } from '../answer.ts';
import { JiraFault } from '../fault.ts';
import type { JiraSite } from '../site.ts';
import type { FieldSchema } from './field-schema.ts';

const LONGEST_LINE = 255;

/**
 * Texts as the value that the field takes; `undefined` when there is none. A fault that names the field where the texts
 * cannot be such a value: nothing is opened with a field that says something else than was meant.
 */
export async function typed(site: JiraSite, field: FieldSchema, texts: readonly string[]): Promise<unknown> {
  if (texts.length === 0) return undefined;
  if (field.type !== 'array') return one(site, field, field.type, texts.join(', '));
  const values: unknown[] = [];
  for (const text of new Set(texts)) values.push(await one(site, field, field.items ?? 'string', text));
  return values;
}

async function one(site: JiraSite, field: FieldSchema, type: string, text: string): Promise<unknown> {
  switch (type) {
    case 'string':
      return isRich(field) ? paragraphs(site, text) : isLabels(field) ? labelOf(text) : lineOf(text);
    case 'number':
      return numberOf(field, text);
    case 'date':
      return new Date(momentOf(field, text)).toISOString().slice(0, 10);
    case 'datetime':
      return new Date(momentOf(field, text)).toISOString().replace('Z', '+0000');
    case 'option':
      return { value: chosen(field, text) };
    case 'priority':
    case 'component':
    case 'version':
      return { name: chosen(field, text) };
    case 'group':
      return { name: text };
    case 'user':
      return site.userReference(text);
    case 'issuelink':
      return { key: text };
    case 'any':
      return lineOf(text);
    default:
      throw unknownType(field, type);
  }
}

/** Why no value of this field can be written, if so. */
export function unwritable(field: FieldSchema): JiraFault | undefined {
  const type = field.type === 'array' ? (field.items ?? 'string') : field.type;
  return WRITABLE.has(type) ? undefined : unknownType(field, type);
}

const WRITABLE = new Set([
  'string',
  'number',
  'date',
  'datetime',
  'option',
  'priority',
  'component',
  'version',
  'group',
  'user',
  'issuelink',
  'any',
]);

function unknownType(field: FieldSchema, type: string): JiraFault {
  return misfit(field, `is of the type ${type}, which nothing is known to write`);
}

/** A label of a text: no white space, which JIRA does not take. */
export function labelOf(text: string): string {
  return storable(text).trim().replaceAll(/\s+/g, '-').slice(0, LONGEST_LINE);
}

/** What is wrong with a field, as a fault that names it. */
export function misfit({ id, name }: Pick<FieldSchema, 'id' | 'name'>, what: string): JiraFault {
  return new JiraFault('jira-field', `the field ${id} (${name}) ${what}`, { status: 200, retryable: false });
}

function isRich({ custom = '' }: FieldSchema): boolean {
  return custom.endsWith(':textarea');
}

function isLabels({ type, custom = '' }: FieldSchema): boolean {
  return type === 'array' && (custom === '' || custom.endsWith(':labels'));
}

function paragraphs(site: JiraSite, text: string): unknown {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return site.richText(lines.map((line) => ({ kind: 'paragraph', parts: [{ text: line }] })));
}

function lineOf(text: string): string {
  const line = storable(text).trim().replaceAll(/\s+/g, ' ');
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE - 1)}…`;
}

function numberOf(field: FieldSchema, text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) throw misfit(field, `takes a number, not ${quoted(text)}`);
  return number;
}

function momentOf(field: FieldSchema, text: string): number {
  const moment = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(moment)) throw misfit(field, `takes a date such as 2026-01-31, not ${quoted(text)}`);
  return moment;
}

function chosen(field: FieldSchema, text: string): string {
  const { choices } = field;
  if (choices === undefined || choices.includes(text)) return text;
  throw misfit(field, `does not offer ${quoted(text)}; it offers ${choices.join(', ') || 'nothing'}`);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
