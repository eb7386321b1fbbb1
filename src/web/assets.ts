import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Asset {
  /** URL path with a hash of the content in it. */
  path: string;
  type: string;
  content: Buffer;
}

function load(file: string, type: string): Asset {
  const content = readFileSync(path.join(import.meta.dirname, 'assets', file));
  const { name, ext } = path.parse(file);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { path: `/assets/${name}.${hash}${ext}`, type, content };
}

export const stylesheet = load('countersign.css', 'text/css; charset=utf-8');
export const script = load('countersign.js', 'text/javascript; charset=utf-8');
export const liveLogScript = load('live-log.js', 'text/javascript; charset=utf-8');
export const icon = load('icon.svg', 'image/svg+xml');

/** Everything that is served besides pages. */
export const assets: readonly Asset[] = [stylesheet, script, liveLogScript, icon];
