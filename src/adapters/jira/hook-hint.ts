import { z } from 'zod';

/** What a delivery makes worth reading again. Who did what is never taken from it: the changelog says. */
export type JiraHint = { kind: 'ticket'; key: string } | { kind: 'ignored'; why: string };

/** Events after which a ticket may stand differently. Our own comments and attachments come as events of their own. */
const EVENTS = new Set([
  'jira:issue_updated',
  'jira:issue_deleted',
  'issue_property_set',
  'issue_property_deleted',
  'attachment_deleted',
]);

/** Reads the raw body of an authenticated delivery. Never throws: what cannot be read is ignored, with the reason. */
export function readJiraHook(rawBody: Uint8Array): JiraHint {
  const read = hook.safeParse(parseJson(rawBody));
  if (!read.success) return { kind: 'ignored', why: 'not a hook body with an issue' };
  const { webhookEvent, issue } = read.data;
  if (!EVENTS.has(webhookEvent)) return { kind: 'ignored', why: 'nothing follows from this kind of event' };
  return { kind: 'ticket', key: issue.key };
}

function parseJson(rawBody: Uint8Array): unknown {
  const text = Buffer.from(rawBody).toString('utf8');
  try {
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
  } catch {
    return undefined;
  }
}

const hook = z.object({
  webhookEvent: z.string(),
  issue: z.object({ key: z.string().regex(/^[A-Z][A-Z0-9_]{1,19}-[1-9]\d{0,9}$/) }),
});
