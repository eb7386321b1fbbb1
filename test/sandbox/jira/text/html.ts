import type { AdfDocument, AdfNode } from '../model/types.ts';

/** A document as JIRA's pages show it. All text is escaped; links keep only web and mail addresses. */
export function adfToHtml(document: AdfDocument): string {
  return (document.content ?? []).map(render).join('');
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function render(node: AdfNode): string {
  const inner = (node.content ?? []).map(render).join('');
  switch (node.type) {
    case 'paragraph':
      return `<p>${inner}</p>`;
    case 'heading':
      return `<h${level(node)}>${inner}</h${level(node)}>`;
    case 'bulletList':
    case 'taskList':
      return `<ul>${inner}</ul>`;
    case 'orderedList':
      return `<ol>${inner}</ol>`;
    case 'listItem':
    case 'taskItem':
      return `<li>${inner}</li>`;
    case 'codeBlock':
      return `<pre class="code" data-language="${attribute(node, 'language')}"><code>${inner}</code></pre>`;
    case 'panel':
      return `<div class="panel panel-${attribute(node, 'panelType')}">${inner}</div>`;
    case 'table':
      return `<table class="adf"><tbody>${inner}</tbody></table>`;
    case 'tableRow':
      return `<tr>${inner}</tr>`;
    case 'tableHeader':
      return `<th>${inner}</th>`;
    case 'tableCell':
      return `<td>${inner}</td>`;
    case 'expand':
    case 'nestedExpand':
      return `<details class="expand"><summary>${attribute(node, 'title')}</summary>${inner}</details>`;
    case 'blockquote':
      return `<blockquote>${inner}</blockquote>`;
    case 'rule':
      return '<hr>';
    case 'hardBreak':
      return '<br>';
    case 'status':
      return `<span class="lozenge lozenge-${attribute(node, 'color')}">${attribute(node, 'text')}</span>`;
    case 'mention':
    case 'emoji':
      return `<span class="mention">${attribute(node, 'text')}</span>`;
    case 'inlineCard':
      return link(attribute(node, 'url'), attribute(node, 'url'));
    case 'text':
      return markedText(node);
    default:
      return inner;
  }
}

function markedText(node: AdfNode): string {
  let html = escapeHtml(node.text ?? '');
  for (const mark of node.marks ?? []) {
    switch (mark.type) {
      case 'strong':
        html = `<strong>${html}</strong>`;
        break;
      case 'em':
        html = `<em>${html}</em>`;
        break;
      case 'code':
        html = `<code>${html}</code>`;
        break;
      case 'strike':
        html = `<s>${html}</s>`;
        break;
      case 'underline':
        html = `<u>${html}</u>`;
        break;
      case 'link':
        html = link(escapeHtml(String(mark.attrs?.['href'])), html);
        break;
      default:
    }
  }
  return html;
}

/** `href` and `inner` are escaped already. */
function link(href: string, inner: string): string {
  return /^(https?:|mailto:)/i.test(href) ? `<a href="${href}" rel="noreferrer">${inner}</a>` : inner;
}

function level(node: AdfNode): number {
  const given = Number(node.attrs?.['level']);
  return given >= 1 && given <= 6 ? given : 1;
}

function attribute(node: AdfNode, name: string): string {
  const value = node.attrs?.[name];
  return typeof value === 'string' ? escapeHtml(value) : '';
}
