import { describe, expect, test } from 'vitest';
import { textsOf, toAdf } from '#adapters/jira/cloud/adf.ts';
import type { TicketBlock } from '#app/ports/ticketing.ts';

describe('a ticket’s text in JIRA’s document format', () => {
  test('keeps every kind of block, and its texts in order', () => {
    const blocks: TicketBlock[] = [
      { kind: 'heading', level: 2, text: 'one' },
      { kind: 'paragraph', parts: [{ text: 'two' }, { text: 'three', style: 'strong' }] },
      { kind: 'panel', tone: 'warning', parts: [{ text: 'four', href: 'https://a.test/' }] },
      { kind: 'bullets', items: [[{ text: 'five', style: 'code' }]] },
      { kind: 'table', header: ['six'], rows: [[[{ text: 'seven' }]]] },
      { kind: 'code', language: 'diff', text: 'eight\n+ nine' },
    ];
    const document = toAdf(blocks);
    expect(document.content.map((node) => node.type)).toEqual([
      'heading',
      'paragraph',
      'panel',
      'bulletList',
      'table',
      'codeBlock',
    ]);
    expect(textsOf(document)).toEqual([
      'one',
      'two',
      'three',
      'four',
      'five',
      'six',
      'seven',
      'eight\n+ nine',
    ]);
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', '//evil.test', 'not an address'])(
    'no link leads to %s',
    (href) => {
      expect(JSON.stringify(toAdf([{ kind: 'paragraph', parts: [{ text: 'x', href }] }]))).not.toContain(
        'link',
      );
    },
  );

  test('calls somebody by their account, and is read with their name', () => {
    const document = toAdf([
      { kind: 'paragraph', parts: [{ text: 'Waits for ' }, { text: 'Adam', mention: '5b10:a' }] },
    ]);
    expect(document.content[0]?.content?.[1]).toEqual({
      type: 'mention',
      attrs: { id: '5b10:a', text: '@Adam' },
    });
    expect(textsOf(document)).toEqual(['Waits for ', '@Adam']);
  });

  test('that is longer than JIRA takes loses its largest blocks, never the last, and says so', () => {
    const rows = Array.from({ length: 400 }, (_, row) => [[{ text: `aws_instance.web[${row}]` }]]);
    const document = toAdf([
      { kind: 'heading', level: 1, text: 'Done' },
      { kind: 'table', header: ['Address'], rows },
      { kind: 'code', text: 'head of the log' },
      { kind: 'paragraph', parts: [{ text: 'marker', style: 'code' }] },
    ]);
    expect(JSON.stringify(document).length).toBeLessThanOrEqual(32_767);
    expect(textsOf(document)).toEqual([
      'Done',
      'head of the log',
      'This is longer than JIRA takes; some of it is left out here.',
      'marker',
    ]);
  });

  test('holds no empty text and no character that JIRA refuses', () => {
    const [paragraph] = toAdf([
      { kind: 'paragraph', parts: [{ text: '' }, { text: 'a\u0000\u000bb\ud800' }] },
    ]).content;
    expect(paragraph?.content).toEqual([{ type: 'text', text: 'ab\ufffd' }]);
  });
});
