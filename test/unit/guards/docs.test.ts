import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const pages = ['README.md', 'CONTRIBUTING.md', ...markdownIn('docs')];

describe('the documentation', () => {
  test.each(pages)('%s: every link leads somewhere', (page) => {
    expect(linksOf(read(page)).filter((link) => !leads(page, link))).toEqual([]);
  });

  test.each(pages)('%s: every file it names exists', (page) => {
    expect(filesNamedIn(read(page)).filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });

  test('every page can be reached from the README', () => {
    const reached = new Set(['README.md']);
    for (const page of reached)
      for (const link of linksOf(read(page))) for (const next of pagesAt(page, link)) reached.add(next);
    expect(pages.filter((page) => !reached.has(page))).toEqual([]);
  });

  test('every decision names what confirms it', () => {
    const decisions = pages.filter((page) => /^docs\/decisions\/\d/.test(page));
    expect(decisions.length).toBeGreaterThan(10);
    const unconfirmed = decisions.filter((page) => {
      const [, confirmation = ''] = read(page).split('**Confirmation.**');
      return filesNamedIn(confirmation).length === 0;
    });
    expect(unconfirmed).toEqual([]);
  });
});

describe('the guard itself', () => {
  test('misses neither a broken link, nor a missing heading, nor a file that is gone', () => {
    expect(leads('docs/README.md', 'no-such-page.md')).toBe(false);
    expect(leads('docs/README.md', 'gates.md#no-such-heading')).toBe(false);
    expect(leads('docs/README.md', 'gates.md#when-an-approval-counts')).toBe(true);
    expect(leads('README.md', 'docs/pictures/none.png')).toBe(false);
    expect(filesNamedIn('in `src/none.ts`, not in `npm test`, `a/b` or `src/*/x.ts`')).toEqual([
      'src/none.ts',
    ]);
    expect(linksOf('[a](b.md) [![c](d.png)](e.md) `[f](g.md)` [h](https://h.example)')).toEqual([
      'b.md',
      'd.png',
      'e.md',
    ]);
  });
});

function markdownIn(folder: string): string[] {
  const entries = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
  return entries.filter((entry) => entry.endsWith('.md')).map((entry) => path.join(folder, entry));
}

function read(page: string): string {
  return readFileSync(path.join(root, page), 'utf8');
}

/** Relative links, pictures included; neither those to other sites nor what stands in code. */
function linksOf(text: string): string[] {
  const prose = withoutBlocks(text).replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((link) => !/^[a-z]+:/.test(link));
}

function leads(page: string, link: string): boolean {
  const [file = '', heading] = link.split('#');
  const target = file === '' ? page : path.join(path.dirname(page), file);
  if (!existsSync(path.join(root, target))) return false;
  return heading === undefined || headingsOf(read(target)).includes(heading);
}

/** The pages a link leads to; a folder leads to its README. */
function pagesAt(page: string, link: string): string[] {
  const target = path.join(path.dirname(page), link.split('#')[0] ?? '');
  return pages.filter((known) => known === target || known === path.join(target, 'README.md'));
}

/** As GitLab and GitHub make anchors of headings. */
function headingsOf(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

/** What stands in backticks and looks like a path of this repository; patterns and placeholders do not. */
function filesNamedIn(text: string): string[] {
  const named = withoutBlocks(text).matchAll(
    /`((?:src|workers|test|scripts|docs|migrations|config|bin)\/[^`\s]*)`/g,
  );
  return [...named]
    .map((match) => (match[1] ?? '').replace(/:\d+$/, ''))
    .filter((file) => !/[*<>{}$…]/.test(file));
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, '');
}
