import type { Site } from '../model/site.ts';
import type { RichText } from '../model/types.ts';
import { isAdfDocument } from './adf.ts';
import { adfToHtml } from './html.ts';
import { adfToWiki, wikiToAdf } from './wiki.ts';
import { wikiToHtml } from './wiki-html.ts';
import { isObject } from '../json.ts';

/** Rich text in the form that REST v2 and the changelog show. */
export function toWiki(text: RichText): string {
  return text.type === 'wiki' ? text.text : adfToWiki(text);
}

export function toHtml(text: RichText): string {
  return text.type === 'wiki' ? wikiToHtml(text.text) : adfToHtml(text);
}

export function isRichText(value: unknown): value is RichText {
  return isObject(value) && value['type'] === 'wiki'
    ? typeof value['text'] === 'string'
    : isAdfDocument(value);
}

export function isEmpty(text: RichText): boolean {
  return text.type === 'wiki' ? text.text.trim() === '' : text.content.length === 0;
}

/** Wiki markup as the site stores it. */
export function fromWiki(site: Site, text: string): RichText {
  return site.keepsWiki ? { type: 'wiki', text } : wikiToAdf(text);
}
