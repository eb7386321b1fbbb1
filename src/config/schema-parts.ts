import { z } from 'zod';

/** What several parts of the server's file are made of. */
export const file = z.string().min(1, 'expected the path of a file');
export const url = z
  .url({ protocol: /^https?$/, error: 'expected an http(s) URL' })
  .transform((text) => text.replace(/\/+$/, ''));
export const seconds = z.int().positive('expected a number of seconds');
export const segment = z
  .string()
  .regex(/^[A-Za-z0-9_-]{16,128}$/, 'expected 16 to 128 random letters, digits, dashes or underscores');
export const twoAtMost = z
  .array(file)
  .max(2, 'expected at most two: the present one and the next')
  .default([]);
