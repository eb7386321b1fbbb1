import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAdfDocument } from '#test/sandbox/jira/text/adf.ts';
import { type JiraSite, paragraph, startSite } from './jira-site.ts';

const text = (words: string, ...marks: unknown[]) => ({
  type: 'text',
  text: words,
  ...(marks.length === 0 ? {} : { marks }),
});
const block = (type: string, content: unknown[], attrs?: unknown) => ({
  type,
  ...(attrs === undefined ? {} : { attrs }),
  content,
});
const document = (...content: unknown[]) => ({ type: 'doc', version: 1, content });
const words = block('paragraph', [text('words')]);
const link = (href: string) => ({ type: 'link', attrs: { href } });

const accepted: Record<string, unknown> = {
  'an empty document': document(),
  'a panel with a list': document(
    block('panel', [block('bulletList', [block('listItem', [words])])], { panelType: 'info' }),
  ),
  'a table with header cells': document(
    block('table', [
      block('tableRow', [block('tableHeader', [words]), block('tableCell', [words], { colspan: 1 })]),
    ]),
  ),
  'an expand with code': document(
    block('expand', [block('codeBlock', [text('+ x')], { language: 'diff' })], { title: 'Plan' }),
  ),
  'code inside a link': document(
    block('paragraph', [text('x', { type: 'code' }, link('https://x.example'))]),
  ),
};

const refused: Record<string, unknown> = {
  'another version': { ...document(), version: 2 },
  'a text without characters': document(block('paragraph', [text('')])),
  'a node nobody knows': document(block('marquee', [])),
  'an attribute nobody knows': document(block('heading', [], { level: 1, colour: 'red' })),
  'a heading of level seven': document(block('heading', [], { level: 7 })),
  'a panel without a type': document(block('panel', [words])),
  'an expand inside a panel': document(block('panel', [block('expand', [words])], { panelType: 'info' })),
  'an empty list': document(block('bulletList', [])),
  'text straight in a cell': document(block('table', [block('tableRow', [block('tableCell', [text('x')])])])),
  'bold code': document(block('paragraph', [text('x', { type: 'code' }, { type: 'strong' })])),
  'bold text in a code block': document(block('codeBlock', [text('x', { type: 'strong' })])),
  'a link to nowhere': document(block('paragraph', [text('x', { type: 'link' })])),
};

describe("the JIRA double's rich text", () => {
  let site: JiraSite;

  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.close());

  it.each(Object.entries(accepted))('takes %s', (_name, candidate) => {
    expect(isAdfDocument(candidate)).toBe(true);
  });

  it.each(Object.entries(refused))('refuses %s', (_name, candidate) => {
    expect(isAdfDocument(candidate)).toBe(false);
  });

  it('gives back in v3 exactly the document it was given', async () => {
    for (const description of Object.values(accepted)) {
      const key = await site.newIssue({ description });
      const { body } = await site.as('bot', 'GET', `/issue/${key}?fields=description`);
      expect(body).toMatchObject({ fields: { description } });
    }
  });

  it('shows a document as wiki text in v2, and takes wiki text there', async () => {
    const key = await site.newIssue({
      description: document(
        block('heading', [text('Plan')], { level: 2 }),
        block('paragraph', [text('see '), text('it', link('https://x.example'))]),
        block('codeBlock', [text('+ a\n- b')]),
        block('bulletList', [block('listItem', [words])]),
        block('table', [
          block('tableRow', [block('tableHeader', [words]), block('tableHeader', [words])]),
          block('tableRow', [block('tableCell', [words]), block('tableCell', [words])]),
        ]),
      ),
    });
    const v2 = await site.as('bot', 'GET', `/rest/api/2/issue/${key}?fields=description`);
    expect(v2.body).toMatchObject({
      fields: {
        description: [
          'h2. Plan\n\nsee [it|https://x.example]\n',
          '{noformat}\n+ a\n- b\n{noformat}\n',
          '* words\n',
          '||words||words||\n|words|words|',
        ].join('\n'),
      },
    });

    await site.as('bot', 'PUT', `/rest/api/2/issue/${key}`, {
      fields: { description: 'h1. Title\n\nSome words\n* one\n* two\n{noformat}\ncode\n{noformat}' },
    });
    const v3 = await site.as('bot', 'GET', `/issue/${key}?fields=description`);
    expect(v3.body).toMatchObject({
      fields: {
        description: {
          content: [
            { type: 'heading', attrs: { level: 1 } },
            { type: 'paragraph' },
            { type: 'bulletList', content: [{}, {}] },
            { type: 'codeBlock', content: [{ text: 'code' }] },
          ],
        },
      },
    });
  });

  it('refuses a text longer than JIRA takes', async () => {
    const key = await site.newIssue();
    const long = await site.as('bot', 'POST', `/issue/${key}/comment`, {
      body: paragraph('x'.repeat(32_768)),
    });
    expect(long.status).toBe(400);
    expect(long.body).toMatchObject({ errors: { comment: expect.stringContaining('32,767') } });
    const fits = await site.as('bot', 'POST', `/issue/${key}/comment`, {
      body: paragraph('x'.repeat(32_767 - JSON.stringify(paragraph('')).length)),
    });
    expect(fits.status).toBe(201);
  });
});
