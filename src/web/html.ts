import { html as template } from 'hono/html';

/** Markup that was made by `html`, so that every value in it is escaped. */
export type Html = Awaited<ReturnType<typeof template>>;

export type Content = Html | string | number | null | undefined | false | readonly Content[];

/** A template whose values become text or attribute text, never markup, and whose hidden characters can be seen. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  // Without promises among the values, which `Content` excludes, the result is no promise either.
  return template(strings, ...values.map(visible)) as Html;
}

/**
 * Control, bidirectional and zero-width characters as escapes: text from outside must not be able to reorder or hide
 * what an approver reads.
 */
function visible(content: Content): Content {
  if (Array.isArray(content)) return content.map(visible);
  return typeof content === 'string' ? content.replaceAll(UNSEEN, escape) : content;
}

const UNSEEN = /[^\P{Cc}\n\t]|[\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
const escape = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;

/** An address to link to, if it is one a browser may follow; data from outside could hold `javascript:`. */
export function safeLink(url: string): string | undefined {
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? url : undefined;
}
