import type { z } from 'zod';
import { JiraFault } from './fault.ts';

/** The answer as our schema reads it; a fault when JIRA's shape is not the one we know. */
export function parse<T extends z.ZodType>(schema: T, answer: unknown, what: string): z.output<T> {
  const read = schema.safeParse(answer);
  if (read.success) return read.data;
  const where = read.error.issues.map((issue) => issue.path.join('.') || '(root)').join(', ');
  throw new JiraFault('jira-unexpected-answer', `JIRA's answer for ${what} has another shape: ${where}`, {
    status: 200,
    retryable: false,
  });
}

const KEY = /^[A-Z][A-Z0-9_]{1,19}-[1-9]\d{0,9}$/;

/** The key, checked: it goes into paths and queries as it is. */
export function ticketKey(key: string): string {
  if (!KEY.test(key)) throw new Error(`not a ticket key: ${JSON.stringify(key.slice(0, 100))}`);
  return key;
}

/** JIRA's own id of a comment, a transition, an issue type, checked. */
export function jiraId(id: string): string {
  if (!/^\d{1,18}$/.test(id)) throw new Error(`not an id of JIRA's: ${JSON.stringify(id.slice(0, 100))}`);
  return id;
}

/** Characters that JIRA answers 400 to, since XML cannot hold them, are left out. */
export function storable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- those are the ones to take out
  return text.toWellFormed().replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
}

/** Only links to the web are links. */
export function isWebLink(href: string): boolean {
  return URL.canParse(href) && ['https:', 'http:'].includes(new URL(href).protocol);
}
