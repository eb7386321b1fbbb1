import { parseWiki } from './wiki-blocks.ts';
import { escapeHtml } from './html.ts';
import type { WikiBlock, WikiInline, WikiMark } from './wiki-tree.ts';

/** Wiki text as Data Center's pages show it. */
export function wikiToHtml(text: string): string {
  return parseWiki(text).map(block).join('');
}

const tags: Readonly<Record<WikiMark, string>> = {
  strong: 'strong',
  em: 'em',
  cite: 'cite',
  del: 'del',
  ins: 'ins',
  sup: 'sup',
  sub: 'sub',
  mono: 'code',
};

function block(node: WikiBlock): string {
  switch (node.kind) {
    case 'paragraph':
      return `<p>${node.content.map(inline).join('')}</p>`;
    case 'heading':
      return `<h${node.level}>${node.content.map(inline).join('')}</h${node.level}>`;
    case 'quote':
      return `<blockquote>${node.content.map(block).join('')}</blockquote>`;
    case 'panel':
      return `<div class="panel"${background(node.attributes)}>${node.content.map(block).join('')}</div>`;
    case 'list': {
      const items = node.items.map(
        ({ below, content }) => `<li>${content.map(inline).join('')}${below.map(block).join('')}</li>`,
      );
      return node.ordered ? `<ol>${items.join('')}</ol>` : `<ul>${items.join('')}</ul>`;
    }
    case 'table':
      return `<table class="wiki"><tbody>${node.rows.map(row).join('')}</tbody></table>`;
    case 'code':
      return `<pre class="code"><code>${escapeHtml(node.text)}</code></pre>`;
    case 'rule':
      return '<hr>';
  }
}

function row(cells: readonly { header: boolean; content: WikiBlock[] }[]): string {
  const shown = cells.map(({ content, header }) => {
    const tag = header ? 'th' : 'td';
    return `<${tag}>${content.map(block).join('')}</${tag}>`;
  });
  return `<tr>${shown.join('')}</tr>`;
}

function background(attributes: string): string {
  const colour = /bgColor=(#[0-9a-fA-F]{6})/.exec(attributes)?.[1];
  return colour === undefined ? '' : ` style="background:${colour}"`;
}

function inline(node: WikiInline): string {
  switch (node.kind) {
    case 'text':
      return escapeHtml(node.text);
    case 'phrase':
      return `<${tags[node.mark]}>${node.content.map(inline).join('')}</${tags[node.mark]}>`;
    case 'link': {
      const inner = node.content.map(inline).join('');
      const href = escapeHtml(node.href);
      return /^(https?:|mailto:)/i.test(node.href)
        ? `<a href="${href}" rel="noreferrer">${inner}</a>`
        : inner;
    }
    case 'mention':
      return `<span class="mention">${escapeHtml(node.name)}</span>`;
    case 'image':
      return `<span class="image">${escapeHtml(node.source)}</span>`;
    case 'icon':
      return `<span class="icon">${escapeHtml(node.name)}</span>`;
    case 'macro':
      return `<span class="macro">${escapeHtml(node.name)}</span>`;
    case 'break':
      return '<br>';
  }
}
