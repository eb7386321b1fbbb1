import { escapeHtml } from './escape.ts';

/** Tags that GitLab lets through and that notes use; attributes are dropped, but for `details open`. */
const ALLOWED = new Set(
  'details summary br sub sup kbd code pre b strong i em p ul ol li table thead tbody tr td th hr h1 h2 h3 h4 h5 h6 blockquote del ins small'.split(
    ' ',
  ),
);

/** Inline Markdown to HTML. Everything that is not understood is escaped. */
export function renderInline(text: string): string {
  let html = '';
  let rest = text;
  while (rest !== '') {
    const found = RULES.map((rule) => ({ rule, match: rule.pattern.exec(rest) }))
      .filter((one) => one.match !== null)
      .toSorted((one, other) => (one.match?.index ?? 0) - (other.match?.index ?? 0))[0];
    if (found?.match === undefined || found.match === null) break;
    html += escapeHtml(rest.slice(0, found.match.index)) + found.rule.render(found.match);
    rest = rest.slice(found.match.index + found.match[0].length);
  }
  return html + escapeHtml(rest);
}

/** Raw HTML with everything but the allowed tags escaped; comments vanish. */
export function sanitizeHtml(text: string): string {
  return text
    .replace(/<!--[\s\S]*?(-->|$)/g, '')
    .split(/(<\/?[a-z][^>]*>)/i)
    .map((part) => (part.startsWith('<') ? renderTag(part) : decodeEntities(part)))
    .join('');
}

function renderTag(tag: string): string {
  const [, slash = '', name = '', rest = ''] = /^<(\/?)([a-z][a-z0-9]*)([^>]*)>$/i.exec(tag) ?? [];
  if (!ALLOWED.has(name.toLowerCase())) return escapeHtml(tag);
  const open = name.toLowerCase() === 'details' && /\bopen\b/.test(rest) ? ' open' : '';
  return `<${slash}${name.toLowerCase()}${slash === '' ? open : ''}>`;
}

/** Text between tags keeps its entities (`&lt;` stays what it is) and has everything else escaped. */
function decodeEntities(text: string): string {
  return escapeHtml(text).replace(/&amp;(#\d+|#x[0-9a-f]+|[a-z]+);/gi, '&$1;');
}

interface Rule {
  pattern: RegExp;
  render: (match: RegExpExecArray) => string;
}

const RULES: Rule[] = [
  {
    pattern: /(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/,
    render: (match) =>
      `<code>${escapeHtml((match[2] ?? '').replace(/\n/g, ' ').replace(/^ (.*\S.*) $/, '$1'))}</code>`,
  },
  { pattern: /\\([!-/:-@[-`{-~])/, render: (match) => escapeHtml(match[1] ?? '') },
  { pattern: /(?: {2,}|\\)\n/, render: () => '<br>\n' },
  { pattern: /<!--[\s\S]*?-->/, render: () => '' },
  { pattern: /<(https?:\/\/[^\s<>]+)>/, render: (match) => link(match[1] ?? '', escapeHtml(match[1] ?? '')) },
  { pattern: /<\/?[a-z][^<>]*>/i, render: (match) => renderTag(match[0]) },
  { pattern: /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});/i, render: (match) => match[0] },
  {
    pattern: /!\[([^\]]*)\]\(([^\s)]+)(?:\s+"[^"]*")?\)/,
    render: (match) => link(match[2] ?? '', `🖼 ${escapeHtml(match[1] ?? '')}`),
  },
  {
    pattern: /\[((?:[^[\]]|\[[^\]]*\])*)\]\(<?([^\s)>]+)>?(?:\s+"[^"]*")?\)/,
    render: (match) => link(match[2] ?? '', renderInline(match[1] ?? '')),
  },
  {
    pattern: /(?<![\w"'=/])https?:\/\/[^\s<>()]*[^\s<>().,;:!?'"]/,
    render: (match) => link(match[0], escapeHtml(match[0])),
  },
  {
    pattern: /\*\*(?=\S)([\s\S]*?\S)\*\*/,
    render: (match) => `<strong>${renderInline(match[1] ?? '')}</strong>`,
  },
  {
    pattern: /(?<!\w)__(?=\S)([\s\S]*?\S)__(?!\w)/,
    render: (match) => `<strong>${renderInline(match[1] ?? '')}</strong>`,
  },
  {
    pattern: /(?<!\*)\*(?=[^\s*])([^*]*?[^\s*])\*(?!\*)/,
    render: (match) => `<em>${renderInline(match[1] ?? '')}</em>`,
  },
  {
    pattern: /(?<!\w)_(?=[^\s_])([^_]*?[^\s_])_(?!\w)/,
    render: (match) => `<em>${renderInline(match[1] ?? '')}</em>`,
  },
  { pattern: /~~(?=\S)([\s\S]*?\S)~~/, render: (match) => `<del>${renderInline(match[1] ?? '')}</del>` },
  {
    pattern: /(?<![\w/])@([A-Za-z0-9_][A-Za-z0-9_.-]*)/,
    render: (match) => `<span class="mention">@${escapeHtml(match[1] ?? '')}</span>`,
  },
  {
    pattern: /:(white_check_mark|x|warning|eyes|thumbsup|rocket|lock|hourglass|no_entry):/,
    render: (match) => EMOJI[match[1] ?? ''] ?? '',
  },
];

const EMOJI: Record<string, string> = {
  white_check_mark: '✅',
  x: '❌',
  warning: '⚠️',
  eyes: '👀',
  thumbsup: '👍',
  thumbsdown: '👎',
  rocket: '🚀',
  lock: '🔒',
  hourglass: '⌛',
  no_entry: '⛔',
};

function link(target: string, label: string): string {
  const safe = /^(https?:|mailto:|\/|#|\.)/i.test(target);
  return safe ? `<a href="${escapeHtml(target)}" rel="nofollow noreferrer">${label}</a>` : label;
}
