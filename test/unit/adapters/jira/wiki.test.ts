import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linesOf } from '#adapters/jira/dc/read-wiki.ts';
import { toWiki } from '#adapters/jira/dc/wiki.ts';
import type { TicketBlock, TicketText } from '#domain/ticket-document.ts';
import { parseWiki } from '#test/sandbox/jira/text/wiki-blocks.ts';
import { inlineText, type WikiBlock, type WikiInline } from '#test/sandbox/jira/text/wiki-tree.ts';

/** What people could put into a branch, a resource, a plan or a work plan to make a ticket say something else. */
const NASTY = [
  '{noformat}',
  '{noformat}\n{panel:title=Approved}yes{panel}',
  '{ noformat }{code}x{code}',
  '{NoFormat:title=x}',
  '\\{noformat}',
  '{code:java}x{code}',
  '[~admin] [~accountid:5b10]',
  '[click here|https://evil.example]',
  '[https://evil.example]',
  'https://evil.example/a_b_c?x=1#y',
  'see //evil.example and mailto:x@evil.example',
  'someone@evil.example',
  '!https://evil.example/pixel.png!',
  '!x.png|width=1!',
  '*bold* _em_ -del- +ins+ ^sup^ ~sub~ ??cite?? {*}b{*}',
  '{{mono}} }} {{',
  'h1. Approved by everybody',
  'bq. said nobody',
  '* item',
  '- item',
  '# item',
  '|| a || b ||',
  '| a | b |',
  '----',
  ':) :( ;) (y) (x) (!) (/) (*r) :D :P (flag)',
  'CHG-1 is done -- and --- more',
  '\\\\',
  '\\',
  'a\\*b',
  'ends with \\',
  '&#123;noformat&#125; &lt; &amp;',
  '{color:red}x{color} {anchor:a} {include:page}',
  '\u0000\u0001\u2028h1. x\u0085bq. y',
  'line one\r\nline two\nh2. three\n----',
  '',
  ' ',
  'a'.repeat(300),
] as const;

describe('wiki text of a ticket on Data Center', () => {
  test.each(NASTY)('is not made by what others wrote: %j', (text) => {
    const { meant, read } = readBack(everywhere(text));
    expect(read).toEqual(meant);
  });

  test('is not made by any text', () => {
    const pieces = fc.constantFrom(...NASTY, ...'{}[]!*_^~-+?|#@():;\\&/. \nh1bq~noformatcode'.split(''));
    const hostile = fc.array(pieces, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 60 })), (text) => {
        const { meant, read } = readBack(everywhere(text));
        expect(read).toEqual(meant);
      }),
      { numRuns: 500 },
    );
  });

  test('is not made by two texts that meet', () => {
    const pieces = fc.constantFrom(...NASTY, 'h', '1', '. ', '{', 'noformat}', '*', '\\');
    const style = fc.constantFrom('plain', 'strong', 'code') as fc.Arbitrary<'plain' | 'strong' | 'code'>;
    const parts = fc.array(fc.record({ text: pieces, style }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(parts, (given) => {
        const { meant, read } = readBack([{ kind: 'paragraph', parts: given }]);
        expect(read).toEqual(meant);
      }),
      { numRuns: 500 },
    );
  });

  test('links to the web alone, and to nothing that ends the link early', () => {
    const parts: TicketText[] = [
      { text: 'a]b|c', href: 'https://host.example/x|y]z?q={a}#!b' },
      { text: 'no', href: 'javascript:alert(1)' },
    ];
    const [block] = parseWiki(toWiki([{ kind: 'paragraph', parts }]));
    expect(block).toEqual({
      kind: 'paragraph',
      content: [
        {
          kind: 'link',
          href: 'https://host.example/x%7Cy%5Dz?q=%7Ba%7D#%21b',
          content: [{ kind: 'text', text: 'a]b|c' }],
        },
        { kind: 'text', text: 'no' },
      ],
    });
  });

  test('mentions people by the name they log in with, and by no name that could be more than that', () => {
    const parts: TicketText[] = [
      { text: 'Adam', mention: 'adam.approver' },
      { text: ' and ' },
      { text: '[~x]', mention: 'x] {panel}' },
    ];
    const text = toWiki([{ kind: 'paragraph', parts }]);
    expect(text).toBe('[~adam.approver] and \\[\\~x\\]');
    expect(linesOf(text)).toEqual(['@adam.approver and [~x]']);
  });

  test('marks what is strong or code, also inside of words', () => {
    const parts: TicketText[] = [
      { text: 'un' },
      { text: 'believ', style: 'strong' },
      { text: 'able ' },
      { text: ' a["b"] ', style: 'code' },
    ];
    expect(toWiki([{ kind: 'paragraph', parts }])).toBe('un{*}believ{*}able  {{a\\["b"\\]}} ');
  });

  test('that is longer than JIRA takes loses its largest blocks, and says so', () => {
    const rows = Array.from({ length: 900 }, (_, row) => [
      [{ text: `aws_instance.web[${row}]` }],
      [{ text: '*'.repeat(20) }],
    ]);
    const blocks: TicketBlock[] = [
      { kind: 'heading', level: 1, text: 'Plan' },
      { kind: 'table', header: ['Address', 'What'], rows },
      { kind: 'paragraph', parts: [{ text: 'marker', style: 'code' }] },
    ];
    const text = toWiki(blocks);
    expect(text.length).toBeLessThanOrEqual(32_767);
    expect(linesOf(text)).toEqual([
      'Plan',
      'This is longer than JIRA takes; some of it is left out here.',
      'marker',
    ]);
  });

  test('of ours is read back as it was said', () => {
    const log = 'countersign.example/log\n17\nq83v+Zz{a}\n\n— countersign.example 8yJ*_=';
    const blocks: TicketBlock[] = [
      { kind: 'heading', level: 2, text: 'Done: *everything*' },
      {
        kind: 'paragraph',
        parts: [{ text: 'See ' }, { text: 'CHG-1', href: 'https://jira.example/browse/CHG-1' }],
      },
      { kind: 'code', text: log },
      { kind: 'panel', tone: 'info', parts: [{ text: 'a\\b & c' }] },
      { kind: 'paragraph', parts: [{ text: 'countersign:chg_1:closing', style: 'code' }] },
    ];
    expect(linesOf(toWiki(blocks))).toEqual([
      'Done: *everything*',
      'See CHG-1',
      log,
      'a\\b & c',
      'countersign:chg_1:closing',
    ]);
  });
});

/** The text in every place that a document has for text. */
function everywhere(text: string): TicketBlock[] {
  const parts = (style: 'plain' | 'strong' | 'code'): TicketText[] => [
    { text: 'before ' },
    { text, style },
    { text: ' after' },
  ];
  return [
    { kind: 'heading', level: 2, text },
    { kind: 'paragraph', parts: [{ text }] },
    { kind: 'paragraph', parts: parts('plain') },
    { kind: 'paragraph', parts: [{ text, style: 'strong' }] },
    { kind: 'paragraph', parts: parts('code') },
    { kind: 'panel', tone: 'warning', parts: [{ text }] },
    { kind: 'bullets', items: [[{ text }], parts('strong')] },
    { kind: 'table', header: [text, 'B'], rows: [[[{ text }], parts('code')]] },
    { kind: 'code', text },
    { kind: 'paragraph', parts: [{ text: 'the end' }] },
  ];
}

/**
 * What a document means and how it reads: the same when the blocks are the same, with the same words, and without markup but
 * the styles that were asked for.
 */
function readBack(blocks: readonly TicketBlock[]): { meant: Meaning[]; read: Meaning[] } {
  const isThere = ({ kind, said: words }: Meaning) => words !== '' || kind === 'table';
  return {
    meant: blocks.map(meaning).filter(isThere),
    read: parseWiki(toWiki(blocks)).map(reading).filter(isThere),
  };
}

interface Meaning {
  kind: string;
  said: string;
}

function meaning(block: TicketBlock): Meaning {
  switch (block.kind) {
    case 'heading':
      return { kind: 'heading', said: words(block.text) };
    case 'paragraph':
      return { kind: 'paragraph', said: words(said(block.parts)) };
    case 'panel':
      return { kind: 'panel', said: words(said(block.parts)) };
    case 'bullets':
      return { kind: 'list', said: block.items.map((item) => words(said(item))).join('\n') };
    case 'table':
      return {
        kind: 'table',
        said: [block.header.map(words), ...block.rows.map((row) => row.map((cell) => words(said(cell))))]
          .map((row) => row.join(' | '))
          .join('\n'),
      };
    case 'code':
      return { kind: 'code', said: lines(block.text) };
  }
}

function reading(block: WikiBlock): Meaning {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
      return { kind: block.kind, said: words(plain(block.content)) };
    case 'panel':
    case 'quote':
      return { kind: block.kind, said: block.content.map((each) => reading(each).said).join('\n') };
    case 'list':
      return { kind: 'list', said: block.items.map(({ content }) => words(plain(content))).join('\n') };
    case 'table':
      return {
        kind: 'table',
        said: block.rows
          .map((row) =>
            row.map(({ content }) => content.map((each) => reading(each).said).join('\n')).join(' | '),
          )
          .join('\n'),
      };
    case 'code':
      return { kind: 'code', said: lines(block.text) };
    case 'rule':
      return { kind: 'rule', said: '----' };
  }
}

/** The words, and a mark for whatever is more than words in a style. */
function plain(content: readonly WikiInline[]): string {
  return content
    .map((node) => {
      if (node.kind === 'text') return node.text;
      if (node.kind === 'phrase' && (node.mark === 'strong' || node.mark === 'mono'))
        return plain(node.content);
      return `<<${node.kind} ${inlineText([node])}>>`;
    })
    .join('');
}

function said(parts: readonly TicketText[]): string {
  return parts.map(({ text }) => text).join('');
}

function words(text: string): string {
  return storable(text)
    .replaceAll(/[\s\u0085\u2028\u2029]+/g, ' ')
    .trim();
}

function lines(text: string): string {
  return storable(text)
    .replaceAll('\u200b', '')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/^\n|\n$/g, '');
}

function storable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- what XML cannot hold
  return text.toWellFormed().replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
}
