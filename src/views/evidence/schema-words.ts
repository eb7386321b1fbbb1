import { z } from 'zod';

/* What values of an evidence record look like. */

export const text = z.string();
export const hash = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hex');
export const time = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/, 'expected a time');
export const index = z.int().min(0).describe('Index in the audit log.');
export const strings = z.array(text);
