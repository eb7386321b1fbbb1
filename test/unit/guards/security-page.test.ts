import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const page = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

test('every test that the page on security names exists', () => {
  const named = [...page.matchAll(/`((?:unit|integration|contract|e2e)\/[^`]+)`/g)].map(
    ([, path = '']) => path,
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(join(ROOT, 'test', path)))).toEqual([]);
});

test('every way around an approval names a test by its words, and that test is there', () => {
  const rows = [...page.matchAll(/\| ((?:(?: and )?`e2e\/[^`]+`)+): ([^|]+) \|$/gm)].flatMap(
    ([, files = '', words = '']) =>
      [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => ({ file, words })),
  );
  expect(rows.length).toBeGreaterThanOrEqual(20);
  const missing = rows.filter(({ file, words }) => {
    const text = readFileSync(join(ROOT, 'test', file), 'utf8');
    return ![...text.matchAll(/test\(\s*(['"`])(.+?)\1,/g)].some(([, , name = '']) => name.startsWith(words));
  });
  expect(missing.map(({ file, words }) => `${file}: ${words}`)).toEqual([]);
});
