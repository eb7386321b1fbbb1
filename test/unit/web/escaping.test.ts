import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { html, safeLink } from '#web/html.ts';
import { link } from '#web/parts/text.ts';

/** What a browser makes of text and attribute values: the five entities, nothing else. */
const decoded = (text: string): string =>
  text.replaceAll(
    /&(amp|lt|gt|quot|#39);/g,
    (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name] ?? '',
  );

describe('a value in a page', () => {
  test('is text whatever it holds, and reads the same', () => {
    const printable = fc.string({
      unit: fc.constantFrom('<', '>', '&', '"', "'", '`', '=', '/', ' ', 'a', ';', '#', 'lt'),
    });
    fc.assert(
      fc.property(printable, (value) => {
        const page = html`<p title="${value}">${value}</p>`.toString();
        const [, title = '', text = ''] = /^<p title="([^"<>]*)">([^<>]*)<\/p>$/.exec(page) ?? [];
        expect([decoded(title), decoded(text)]).toEqual([value, value]);
      }),
    );
  });

  test('is escaped inside lists and nested templates, once', () => {
    expect(html`<ul>${['<a>', '<b>'].map((each) => html`<li>${each}</li>`)}</ul>`.toString()).toBe(
      '<ul><li>&lt;a&gt;</li><li>&lt;b&gt;</li></ul>',
    );
  });

  test('shows characters that would reorder or hide text, and leaves lines and emoji alone', () => {
    expect(html`${'safe\u202etxt.exe\u200b\u0007\u001b[31m\u0085'}`.toString()).toBe(
      'safe\\u{202e}txt.exe\\u{200b}\\u{7}\\u{1b}[31m\\u{85}',
    );
    expect(html`${'a\n\tb 👩‍💻 é'}`.toString()).toBe('a\n\tb 👩‍💻 é');
  });

  test('is nothing when it is absent', () => {
    expect(html`<p>${undefined}${false}${null}${0}</p>`.toString()).toBe('<p>0</p>');
  });
});

describe('an address from outside', () => {
  test.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    '//evil.example',
    'http://',
    '',
  ])('%j is no link', (url) => {
    expect(safeLink(url)).toBeUndefined();
    expect(link(url, 'text').toString()).toBe('text');
  });

  test('of a web page is one, without telling where it was followed from', () => {
    expect(link('https://gitlab.example.com/a?b=1&c="', '!1').toString()).toBe(
      '<a href="https://gitlab.example.com/a?b=1&amp;c=&quot;" rel="noreferrer">!1</a>',
    );
  });
});
