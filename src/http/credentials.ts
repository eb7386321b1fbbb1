import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { AccessDeps } from './deps.ts';

/** A session lasts a working day, seconds. */
export const SESSION_SECONDS = 12 * 3600;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** 256 random bits; only its SHA-256 is kept. */
export const newSessionToken = (): string => randomBytes(32).toString('base64url');

/** Whose access token it is. Every known token is compared, in constant time. */
export function personOfToken(tokens: AccessDeps['tokens'], token: string): string | undefined {
  const given = Buffer.from(sha256(token));
  return tokens.filter(({ sha256: hash }) => same(Buffer.from(hash.toLowerCase()), given))[0]?.person;
}

const same = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** A log-in elsewhere is over after this, seconds. */
export const PENDING_SECONDS = 600;

/** The cookie of a log-in elsewhere: whoever comes back does so from another site, so it cannot be a strict one. */
export function pendingCookie(externalUrl: string): { name: string; options: CookieSerializeOptions } {
  const { name, options } = sessionCookie(externalUrl);
  return { name: `${name}-login`, options: { ...options, sameSite: 'lax' } };
}

/** Name and flags of the session cookie. Over https the `__Host-` prefix keeps neighbouring hosts from setting it. */
export function sessionCookie(externalUrl: string): { name: string; options: CookieSerializeOptions } {
  const secure = externalUrl.startsWith('https:');
  const options = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;
  return { name: secure ? '__Host-countersign' : 'countersign', options };
}
