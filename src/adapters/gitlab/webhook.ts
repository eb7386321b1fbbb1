import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What a hook's sender is known by. Two of a kind while one takes the other's place. */
export interface GitlabHookSecrets {
  /** Signing tokens (`whsec_…`, GitLab 19.0 and newer). */
  signing: readonly string[];
  /** Secret tokens, sent as they are in `X-Gitlab-Token`. */
  tokens: readonly string[];
  /** Accepts the secret token of an unsigned delivery although a signing token is configured. */
  legacyAllowed?: boolean;
}

export interface HookDelivery {
  /** Header names in lower case, as Node gives them. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as received, before any parser. */
  rawBody: Uint8Array;
}

/** A delivery that may be believed to come from our GitLab, or why not. `why` is for logs: it holds no secret. */
export type HookVerdict = { ok: true; deliveryKey: string } | { ok: false; why: string };

const WINDOW_MS = 300_000;

/**
 * Authenticates a delivery. A signature that is present must verify, with no way back to the secret token; one that is
 * absent although a signing token is configured is refused, unless `legacyAllowed`; without any secret all is refused.
 * Signatures are Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks), 300 s either way.
 *
 * `deliveryKey` is the same for one delivery however often it arrives.
 */
export function verifyGitlabDelivery(
  delivery: HookDelivery & { secrets: GitlabHookSecrets; now: Date },
): HookVerdict {
  const { signing, tokens, legacyAllowed = false } = delivery.secrets;
  if (signing.length === 0 && tokens.length === 0) return refuse('no secret is configured');
  const signed = header(delivery, 'webhook-signature') !== undefined;
  if (signing.length > 0 && signed) return verifySignature(delivery, signing, delivery.now);
  if (signing.length > 0 && !legacyAllowed) return refuse('the signature is missing');
  return verifyToken(delivery, tokens);
}

function verifySignature(delivery: HookDelivery, signing: readonly string[], now: Date): HookVerdict {
  const id = header(delivery, 'webhook-id');
  const timestamp = header(delivery, 'webhook-timestamp') ?? '';
  if (id === undefined || !/^\d{1,12}$/.test(timestamp)) return refuse('a signature header is missing');
  if (Math.abs(now.getTime() - Number(timestamp) * 1000) > WINDOW_MS) {
    return refuse('the signature is older or newer than 300 seconds');
  }
  const given = (header(delivery, 'webhook-signature') ?? '').split(' ').slice(0, 10);
  const expected = signing.map((token) => signatureOf(token, id, timestamp, delivery.rawBody));
  // Every pair is compared, so that time tells nothing about which secret came close.
  const matches = expected.flatMap((one) => given.map((other) => sameText(one, other)));
  // The signature covers this id; `Idempotency-Key` is outside it.
  return matches.includes(true)
    ? { ok: true, deliveryKey: keyOf(id) }
    : refuse('the signature does not match');
}

function verifyToken(delivery: HookDelivery, tokens: readonly string[]): HookVerdict {
  const given = header(delivery, 'x-gitlab-token');
  if (given === undefined) return refuse('the secret token is missing');
  const matches = tokens.map((token) => sameText(token, given));
  if (!matches.includes(true)) return refuse('the secret token does not match');
  const id = header(delivery, 'idempotency-key') ?? header(delivery, 'webhook-id');
  return { ok: true, deliveryKey: id === undefined ? bodyKey(delivery) : keyOf(id) };
}

/** `v1,` and base64 of HMAC-SHA-256 over `<id>.<timestamp>.<body>`, keyed by what the token encodes. */
function signatureOf(token: string, id: string, timestamp: string, rawBody: Uint8Array): string {
  const key = Buffer.from(token.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(rawBody).digest('base64')}`;
}

/** Compares digests of both sides, so that not even the length shows. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** GitLab sends a UUID; anything else is kept in a form that is safe to store and to log. */
function keyOf(id: string): string {
  return /^[A-Za-z0-9_-]{8,100}$/.test(id) ? id : `h-${createHash('sha256').update(id).digest('hex')}`;
}

function bodyKey(delivery: HookDelivery): string {
  const hash = createHash('sha256').update(header(delivery, 'x-gitlab-event') ?? '');
  return `b-${hash.update('\n').update(delivery.rawBody).digest('hex')}`;
}

function header(delivery: HookDelivery, name: string): string | undefined {
  const value = delivery.headers[name];
  // A header sent twice is nobody's honest delivery.
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function refuse(why: string): HookVerdict {
  return { ok: false, why };
}
