import { type Block, parseBlocks } from './blocks.ts';
import { escapeHtml } from './escape.ts';
import { renderInline, sanitizeHtml } from './inline.ts';

/** A note's Markdown as a page shows it. Safe for any text; unclosed `<details>` are closed at the end. */
export function renderMarkdown(text: string): string {
  const html = renderLines(text.replaceAll('\r', '').split('\n'));
  const open = [...html.matchAll(/<details/g)].length - [...html.matchAll(/<\/details>/g)].length;
  return open > 0 ? html + '</details>'.repeat(open) : html;
}

function renderLines(lines: string[]): string {
  return parseBlocks(lines).map(renderBlock).join('\n');
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${renderInline(block.text.trimEnd()).replace(/(?<!<br>)\n/g, '<br>\n')}</p>`;
    case 'heading':
      return `<h${block.level}>${renderInline(block.text)}</h${block.level}>`;
    case 'code':
      return `<pre class="code${block.info === 'diff' ? ' diff' : ''}"><code>${renderCode(block.info, block.text)}</code></pre>`;
    case 'html':
      return sanitizeHtml(block.text);
    case 'quote':
      return `<blockquote>${renderLines(block.lines)}</blockquote>`;
    case 'list':
      return renderList(block.ordered, block.first, block.items);
    case 'table':
      return renderTable(block.header, block.align, block.rows);
    case 'rule':
      return '<hr>';
  }
}

function renderCode(info: string, text: string): string {
  if (info.split(/\s/)[0] !== 'diff') return escapeHtml(text);
  return text
    .split('\n')
    .map((line) => {
      const kind = line.startsWith('+')
        ? 'add'
        : line.startsWith('-')
          ? 'del'
          : line.startsWith('!')
            ? 'chg'
            : '';
      return kind === '' ? escapeHtml(line) : `<span class="${kind}">${escapeHtml(line)}</span>`;
    })
    .join('\n');
}

function renderList(ordered: boolean, first: number, items: string[][]): string {
  const tag = ordered ? 'ol' : 'ul';
  const start = ordered && first !== 1 ? ` start="${first}"` : '';
  const loose = items.some((item) =>
    item.slice(0, -1).some((line, at) => line === '' && item[at + 1] !== ''),
  );
  const inner = items.map((item) => {
    const checked = /^\[([ xX])\] /.exec(item[0] ?? '');
    const lines = checked === null ? item : [(item[0] ?? '').slice(4), ...item.slice(1)];
    const box = checked === null ? '' : checked[1] === ' ' ? '☐ ' : '☑ ';
    const html = renderLines(lines);
    return `<li>${box}${loose ? html : html.replace(/^<p>([\s\S]*?)<\/p>/, '$1')}</li>`;
  });
  return `<${tag}${start}>${inner.join('')}</${tag}>`;
}

function renderTable(header: string[], align: string[], rows: string[][]): string {
  const cell = (tag: string) => (text: string, column: number) => {
    const side = align[column] === 'left' ? '' : ` class="${align[column]}"`;
    return `<${tag}${side}>${renderInline(text)}</${tag}>`;
  };
  const body = rows.map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`).join('');
  return `<table><thead><tr>${header.map(cell('th')).join('')}</tr></thead><tbody>${body}</tbody></table>`;
}
