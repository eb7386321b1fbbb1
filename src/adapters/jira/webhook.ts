import type { TicketHint } from '#app/ports/hook-hints.ts';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

export interface HookDelivery {
  /** Header names in lower case, as Node gives them. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as received, before any parser. */
  rawBody: Uint8Array;
}

/** A delivery that may be believed to come from our JIRA, or why not. `why` is for logs: it holds no secret. */
export type HookVerdict = { ok: true; deliveryKey: string } | { ok: false; why: string };

/** JIRA repeats a delivery for hours; nothing in the signature says when it was made. */
const OLDEST_MS = 24 * 3_600_000;
const NEWEST_MS = 60_000;

/**
 * Authenticates a delivery of a webhook with a secret, Cloud's or Data Center's: `X-Hub-Signature: sha256=<hex>` over the
 * raw body (https://developer.atlassian.com/cloud/jira/platform/webhooks/). Any other method, or none, is refused, and so
 * is a body whose own `timestamp` is older than a day or more than a minute ahead. Two secrets may be active.
 */
export function verifyJiraDelivery(
  delivery: HookDelivery & { secrets: readonly string[]; now: Date },
): HookVerdict {
  const { secrets, rawBody, now } = delivery;
  if (secrets.length === 0 || secrets.includes('')) return refuse('no secret is configured');
  const given = /^sha256=([0-9a-f]{64})$/i.exec(header(delivery, 'x-hub-signature') ?? '')?.[1];
  if (given === undefined) return refuse('the signature is missing or not sha256');
  const signature = Buffer.from(given, 'hex');
  const matches = secrets.map((secret) =>
    timingSafeEqual(createHmac('sha256', secret).update(rawBody).digest(), signature),
  );
  if (!matches.includes(true)) return refuse('the signature does not match');
  const age = ageOf(rawBody, now);
  if (age === undefined) return refuse('the body has no timestamp');
  if (age > OLDEST_MS || age < -NEWEST_MS) return refuse('the timestamp is too old or ahead of time');
  return { ok: true, deliveryKey: keyOf(delivery) };
}

/** Events after which a ticket may stand differently. Our own comments and attachments come as events of their own. */
const EVENTS = new Set([
  'jira:issue_updated',
  'jira:issue_deleted',
  'issue_property_set',
  'issue_property_deleted',
  'attachment_deleted',
]);

/** Reads the raw body of an authenticated delivery. Never throws: what cannot be read is ignored, with the reason. */
export function readJiraHook(rawBody: Uint8Array): TicketHint {
  const read = hook.safeParse(parseJson(rawBody));
  if (!read.success) return { kind: 'ignored', why: 'not a hook body with an issue' };
  const { webhookEvent, issue } = read.data;
  if (!EVENTS.has(webhookEvent)) return { kind: 'ignored', why: 'nothing follows from this kind of event' };
  return { kind: 'ticket', key: issue.key };
}

/** Milliseconds since the body says it was made; its signature has been verified by then. */
function ageOf(rawBody: Uint8Array, now: Date): number | undefined {
  try {
    const body = JSON.parse(Buffer.from(rawBody).toString('utf8')) as { timestamp?: unknown } | null;
    return typeof body?.timestamp === 'number' ? now.getTime() - body.timestamp : undefined;
  } catch {
    return undefined;
  }
}

/** The identifier stays the same over JIRA's own repetitions; Data Center may send none. */
function keyOf(delivery: HookDelivery): string {
  const id = header(delivery, 'x-atlassian-webhook-identifier');
  if (id === undefined) return `b-${createHash('sha256').update(delivery.rawBody).digest('hex')}`;
  return /^[A-Za-z0-9_-]{8,100}$/.test(id) ? id : `h-${createHash('sha256').update(id).digest('hex')}`;
}

function header(delivery: HookDelivery, name: string): string | undefined {
  const value = delivery.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function refuse(why: string): HookVerdict {
  return { ok: false, why };
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
