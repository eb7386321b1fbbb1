import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
/** What Atlantis does, feature by feature, as it was found in its source; not part of this repository. */
const SURVEY = join(ROOT, '../shared/atlantis.md');

interface Row {
  feature: string;
  here: string;
  /** Tests as the page names them: file, then title. */
  shown: { file: string; title: string }[];
}

describe('the page about Atlantis', () => {
  const rows = rowsOf(readFileSync(join(ROOT, 'docs/atlantis.md'), 'utf8'));

  test('names a test for each feature, or says why there is nothing like it here', () => {
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter(({ here, shown }) => shown.length === 0 && !here.startsWith('Not here: '))).toEqual(
      [],
    );
  });

  test('names only tests that there are, by their file and title', () => {
    const named = rows.flatMap(({ shown }) => shown);
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter(({ file, title }) => !isTest(file, title))).toEqual([]);
  });

  test.skipIf(!existsSync(SURVEY))('has a row for each feature that was found in Atlantis', () => {
    const [, survey = ''] = readFileSync(SURVEY, 'utf8').split(/^## 1\. .*$/m);
    const [features = ''] = survey.split(/^## 2\. /m);
    const found = cellsOf(features)
      .map(([feature = '']) => feature)
      .filter((feature) => feature !== 'Feature' && feature !== 'Key');
    expect(found.length).toBeGreaterThan(100);
    expect(found.filter((feature) => !rows.some((row) => row.feature === feature))).toEqual([]);
  });
});

describe('the guard itself', () => {
  test('finds titles in every kind of quotes, and none that is not there', () => {
    expect(
      isTest('unit/guards/atlantis-page', 'finds titles in every kind of quotes, and none that is not there'),
    ).toBe(true);
    expect(
      isTest(
        'unit/core/command-grammar',
        "the service's own account may be spoken to by its name, and talked about",
      ),
    ).toBe(true);
    expect(isTest('unit/guards/atlantis-page', 'is not there')).toBe(false);
    expect(isTest('unit/guards/no-such-file', 'finds titles')).toBe(false);
  });

  test('reads a row with a bar and two tests in it', () => {
    const row = '| `a\\|b` | as `c` | `unit/x` “one”; `e2e/y` “two, three” |';
    expect(rowsOf(`## Feature by feature\n\n${row}\n`)).toEqual([
      {
        feature: '`a|b`',
        here: 'as `c`',
        shown: [
          { file: 'unit/x', title: 'one' },
          { file: 'e2e/y', title: 'two, three' },
        ],
      },
    ]);
  });
});

function rowsOf(page: string): Row[] {
  const [, table = ''] = page.split(/^## Feature by feature$/m);
  return cellsOf(table)
    .filter(([feature]) => feature !== 'Atlantis')
    .map(([feature = '', here = '', shown = '']) => ({
      feature,
      here,
      shown: [...shown.matchAll(/`([^`]+)` “([^”]+)”/g)].map(([, file = '', title = '']) => ({
        file,
        title,
      })),
    }));
}

/** The cells of every row of every table, headings included, rulers not. */
function cellsOf(markdown: string): string[][] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s|:-]+$/.test(line))
    .map((line) =>
      line
        .slice(1)
        .replace(/\|\s*$/, '')
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
}

function isTest(file: string, title: string): boolean {
  const path = join(ROOT, 'test', `${file}.test.ts`);
  if (!existsSync(path)) return false;
  const source = readFileSync(path, 'utf8').replaceAll(/\(\s+/g, '(');
  return ["'", '"', '`'].some((quote) =>
    source.includes(`(${quote}${title.replaceAll(quote, `\\${quote}`)}${quote},`),
  );
}
