import { readFileSync, statSync } from 'node:fs';
import type { Problem } from './problems.ts';

/** Collects what is wrong with secret files while they are read, so that all of it is told at once. */
export interface SecretReader {
  /** The file's text without the line end; an empty text when something is wrong with it, which is then a problem. */
  text(path: string, place: string): string;
  /** 32 random bytes, written as base64 or hex. */
  key(path: string, place: string): Buffer;
  problems: readonly Problem[];
}

/** @param strict refuses files that others than their owner may read (mode beyond 0600). */
export function secretReader(strict: boolean): SecretReader {
  const problems: Problem[] = [];
  const text = (path: string, place: string): string => {
    try {
      if (strict && (statSync(path).mode & 0o077) !== 0)
        problems.push({ place, what: `${path} can be read by others; expected mode 0600` });
      const content = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
      if (content === '') problems.push({ place, what: `${path} is empty` });
      return content;
    } catch (error) {
      problems.push({
        place,
        what: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      });
      return '';
    }
  };
  const key = (path: string, place: string): Buffer => {
    const before = problems.length;
    const content = text(path, place).trim();
    const bytes = /^[0-9a-fA-F]{64}$/.test(content)
      ? Buffer.from(content, 'hex')
      : Buffer.from(content, 'base64');
    if (bytes.length !== 32 && problems.length === before)
      problems.push({
        place,
        what: `${path}: expected 32 bytes as base64 or hex, as \`openssl rand -base64 32\` prints`,
      });
    return bytes;
  };
  return { text, key, problems };
}
