import { createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';
import { type Actor, parseActor } from './actor.ts';

/** A JSON value as RFC 8785 can write it: no NaN, no lone surrogates, integers beyond 2^53 as strings. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/**
 * What happened, as callers hand it in. `type` is kebab-case (`ticket-approved`); `subject` names what it happened
 * to, by ids only, and stays readable for ever; `payload` holds the rest and may be erased one day. No secret in either.
 */
export interface AuditEntryInput {
  type: string;
  actor: Actor;
  subject: AuditSubject;
  payload: { [key: string]: JsonValue };
  requestId?: string;
}

/** Ids only, every value a string; keys are camelCase words. */
export interface AuditSubject {
  changeId?: string;
  project?: string;
  [key: string]: string | undefined;
}

/** The leaf of the log: RFC 8785 bytes of exactly these members. `ts` is RFC 3339, UTC, milliseconds. */
export interface Envelope {
  v: 1;
  idx: number;
  ts: string;
  type: string;
  actor: Actor;
  subject: Record<string, string>;
  payloadDigest: string;
  requestId: string | null;
}

/** The entry that records an erasure; only `audit.erase` in the database can write one. */
const ERASURE_TYPE = 'payload-erased';

/** RFC 8785 text of a value. Throws on what JSON cannot say. */
export function canonicalJson(value: JsonValue): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('a value without a JSON form');
  return text;
}

/** Hex HMAC-SHA-256(nonce, payload): binds the payload without disclosing it to who holds only the envelope. */
export function payloadDigest(nonce: Uint8Array, payload: string): string {
  return createHmac('sha256', nonce).update(payload).digest('hex');
}

/** Reads a stored envelope. Undefined when it is not the canonical text of one, whatever is wrong with it. */
export function parseEnvelope(text: string): Envelope | undefined {
  const value = parseObject(text);
  if (value === undefined || canonicalize(value) !== text) return undefined;
  const { v, idx, ts, type, actor, subject, payload_digest: digest, req_id: requestId, ...rest } = value;
  const by = typeof actor === 'string' ? parseActor(actor) : undefined;
  if (v !== 1 || Object.keys(rest).length > 0 || by === undefined || !isIds(subject)) return undefined;
  if (typeof idx !== 'number' || !Number.isSafeInteger(idx) || idx < 0) return undefined;
  if (typeof ts !== 'string' || !TIME.test(ts) || typeof type !== 'string' || !TYPE.test(type)) {
    return undefined;
  }
  if (typeof digest !== 'string' || !DIGEST.test(digest)) return undefined;
  if (requestId !== null && typeof requestId !== 'string') return undefined;
  return { v, idx, ts, type, actor: by, subject, payloadDigest: digest, requestId };
}

/** The index of the entry whose payload this one records as erased; undefined for every other entry. */
export function erasedIndex(envelope: Envelope): number | undefined {
  const index = envelope.type === ERASURE_TYPE ? Number(envelope.subject['entry']) : Number.NaN;
  return Number.isSafeInteger(index) ? index : undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isIds = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((id) => typeof id === 'string');

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const TYPE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const DIGEST = /^[0-9a-f]{64}$/;
