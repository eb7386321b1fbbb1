import { expect, it } from 'vitest';
import { roleInWords } from '#domain/access-level.ts';

it.each([
  [0, 'no member'],
  [5, 'a member with minimal access'],
  [20, 'a Reporter'],
  [25, 'a Reporter'],
  [30, 'a Developer'],
  [60, 'an Owner'],
])('access level %i is %s', (level, words) => {
  expect(roleInWords(level)).toBe(words);
});
