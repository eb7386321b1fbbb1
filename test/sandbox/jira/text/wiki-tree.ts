/** What wiki text says, as Data Center renders it. */
export type WikiBlock =
  | { kind: 'paragraph'; content: WikiInline[] }
  | { kind: 'heading'; level: number; content: WikiInline[] }
  | { kind: 'quote'; content: WikiBlock[] }
  | { kind: 'panel'; attributes: string; content: WikiBlock[] }
  | { kind: 'list'; ordered: boolean; items: WikiItem[] }
  | { kind: 'table'; rows: WikiCell[][] }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'rule' };

export interface WikiItem {
  content: WikiInline[];
  below: WikiBlock[];
}

export interface WikiCell {
  header: boolean;
  content: WikiBlock[];
}

export type WikiInline =
  | { kind: 'text'; text: string }
  | { kind: 'phrase'; mark: WikiMark; content: WikiInline[] }
  | { kind: 'link'; href: string; content: WikiInline[] }
  | { kind: 'mention'; name: string }
  | { kind: 'image'; source: string }
  | { kind: 'icon'; name: string }
  | { kind: 'macro'; name: string }
  | { kind: 'break' };

export type WikiMark = 'strong' | 'em' | 'cite' | 'del' | 'ins' | 'sup' | 'sub' | 'mono';

/** All that is said, without any markup; a line for each block. */
function plainText(blocks: readonly WikiBlock[]): string {
  return blocks.map(textOfBlock).join('\n');
}

/** The text of inline content, without any markup. */
export function inlineText(content: readonly WikiInline[]): string {
  return content
    .map((node) => {
      switch (node.kind) {
        case 'text':
          return node.text;
        case 'phrase':
        case 'link':
          return inlineText(node.content);
        case 'break':
          return '\n';
        case 'mention':
          return `@${node.name}`;
        case 'image':
        case 'icon':
        case 'macro':
          return '';
      }
    })
    .join('');
}

function textOfBlock(block: WikiBlock): string {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
      return inlineText(block.content);
    case 'quote':
    case 'panel':
      return plainText(block.content);
    case 'list':
      return block.items
        .flatMap(({ content, below }) => [inlineText(content), ...below.map(textOfBlock)])
        .join('\n');
    case 'table':
      return block.rows.map((row) => row.map(({ content }) => plainText(content)).join(' ')).join('\n');
    case 'code':
      return block.text;
    case 'rule':
      return '';
  }
}
