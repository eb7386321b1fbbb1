import { describe, expect, it } from 'vitest';
import { releaseMessage, releaseTagName } from '#domain/release-tag.ts';
import { situation, TUPLE } from './evidence.ts';

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

  it('tells what was applied on whose approval, and carries the checkpoint whole', () => {
    const checkpoint = 'countersign.example.com/log\n42\nroot\n\n— countersign.example.com/log sig\n';
    expect(releaseMessage(situation().subject.change, 'CHG-1', checkpoint)).toBe(`Release CHG-1

Change: c1
Merge-Request: https://gitlab.example.com/net/infra/-/merge_requests/3
Approval: CHG-1
Approved-By: jira-bob
Approved-At: 2026-03-01T11:00:00Z
Approved-Tuple: ${TUPLE}
Applied: fin/prod/network digest

${checkpoint}`);
  });
});
