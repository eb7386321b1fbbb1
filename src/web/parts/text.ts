import type { PersonView } from '#views/names.ts';
import { type Content, type Html, html, safeLink } from '../html.ts';

/** A moment to the minute, the exact one for machines and on hover. */
export function moment(at: string | undefined): Content {
  if (at === undefined || at === '') return html`<span class="muted">–</span>`;
  return html`<time datetime="${at}" title="${at}">${at.slice(0, 10)} ${at.slice(11, 16)}</time>`;
}

/** How long something took, in the two largest units. */
export function duration(from: string | undefined, to: string | undefined): Content {
  if (from === undefined || to === undefined) return undefined;
  const exact = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
  if (exact < 9.95) return `${exact.toFixed(1)} s`;
  const seconds = Math.round(exact);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** "3 days ago", in the largest unit. */
export function ago(seconds: number): string {
  const units = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ] as const;
  const [size, unit] = units.find(([each]) => seconds >= each) ?? [1, 'second'];
  const count = Math.floor(seconds / size);
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}

/** The beginning of a digest or SHA; all of it on hover, and to whoever copies the title. */
export function short(digest: string | undefined, length = 12): Content {
  if (digest === undefined) return html`<span class="muted">–</span>`;
  return html`<code class="digest" title="${digest}">${digest.slice(0, length)}</code>`;
}

export function person({ id, name }: PersonView): Html {
  return name === id ? html`${name}` : html`<span title="${id}">${name}</span>`;
}

/** A link to another site if its address may be followed, else its text. */
export function link(url: string, text: Content): Html {
  const href = safeLink(url);
  return href === undefined ? html`${text}` : html`<a href="${href}" rel="noreferrer">${text}</a>`;
}

/** A path or address that may break after its separators, and nowhere else unless it must. */
export function path(text: string): Html {
  const parts = text.split(/(?<=[/.:])(?=[^/.:])/);
  return html`<code class="path">${parts.map((part, i) => html`${i > 0 && html`<wbr>`}${part}`)}</code>`;
}

/** A sentence of ours in which what is to be typed stands in backticks. */
export function withCode(sentence: string): Html {
  const parts = sentence.split(/`([^`]+)`/);
  return html`${parts.map((part, i) => (i % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}
