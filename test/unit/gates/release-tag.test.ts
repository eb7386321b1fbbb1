import { describe, expect, it } from 'vitest';
import { releaseTagName } from '#domain/release-tag.ts';

describe('the release tag', () => {
  it('is named after the approval', () => {
    expect(releaseTagName('CHG-12')).toBe('release/CHG-12');
  });

  it.each(['', 'CHG', 'chg-1', 'CHG-01', 'CHG-1/../x', 'CHG-1\n', '-f', 'CHG-1 x'])(
    'is not named after %j',
    (key) => {
      expect(() => releaseTagName(key)).toThrow(RangeError);
    },
  );
});
