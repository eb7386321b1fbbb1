import { describe, expect, test } from 'vitest';
import { approvalOfTag } from '#domain/release-tag.ts';
import { pictureOf, tagStanding, tagsThatTurned } from '#domain/tag-standing.ts';
import { nextStep } from '#views/next-step.ts';
import { sha, target } from './facts.ts';
import { Play } from './play.ts';

const TAG = 'release/CHG-1';
const made = pictureOf({ sha: sha('a'), message: 'what was applied' });
const another = pictureOf({ sha: sha('b'), message: 'what was applied' });

describe('a release tag', () => {
  test.each([
    ['stands as it was made', made, made, 'as-recorded'],
    ['was never made and does not stand', undefined, undefined, 'as-recorded'],
    ['leads to another commit', made, another, 'moved'],
    ['says something else', made, pictureOf({ sha: sha('a'), message: 'as it should be' }), 'moved'],
    ['is only a name, without a message', made, pictureOf({ sha: sha('a'), message: '' }), 'moved'],
    ['was deleted', made, undefined, 'gone'],
    ['stands though nothing was released', undefined, made, 'unrecorded'],
  ] as const)('that %s: %#', (_, log, found, standing) => {
    expect(tagStanding(log, found)).toBe(standing);
  });

  test('that somebody put back with the same text on the same commit is as it was made', () => {
    expect(tagStanding(made, pictureOf({ sha: sha('a'), message: 'what was applied\n' }))).toBe(
      'as-recorded',
    );
  });

  test('is one that is named after an approval, and no other', () => {
    expect(approvalOfTag('release/OPS_2-17')).toBe('OPS_2-17');
    for (const name of ['release/1.2', 'release/CHG-0', 'release/CHG-1/x', 'v1', 'CHG-1', 'my-release/CHG-1'])
      expect(approvalOfTag(name)).toBeUndefined();
  });
});

describe('all release tags of a repository', () => {
  const kept = { name: TAG, sha: sha('a'), message: 'what was applied' };
  const record = { tag: TAG, made, seen: made };

  test('are no news while they stand as they were seen last, whatever else is tagged', () => {
    expect(tagsThatTurned([record], [kept, { name: 'release/2026-11', sha: sha('c'), message: '' }])).toEqual(
      [],
    );
  });

  test('are news when they moved, are gone, came, or are right again', () => {
    expect(tagsThatTurned([record], [{ ...kept, sha: sha('b') }])).toEqual([TAG]);
    expect(tagsThatTurned([record], [])).toEqual([TAG]);
    expect(tagsThatTurned([], [kept])).toEqual([TAG]);
    expect(tagsThatTurned([{ ...record, seen: another }], [kept])).toEqual([TAG]);
  });

  test('are told once: what was found before is no news', () => {
    expect(tagsThatTurned([{ tag: TAG, made, seen: another }], [{ ...kept, sha: sha('b') }])).toEqual([]);
    expect(tagsThatTurned([{ tag: TAG, made }], [])).toEqual([]);
  });
});

describe('a release tag that was found altered', () => {
  const released = () => new Play().approved(target('app')).judged('app', true);
  const moved = { type: 'release-tag-seen', tag: TAG, standing: 'moved', made, found: another } as const;
  const right = { type: 'release-tag-seen', tag: TAG, standing: 'as-recorded', made, found: made } as const;

  test('is told on its ticket and in the merge request, and is what an operator has to do next', () => {
    const play = released().record(moved);
    expect(play.asked('tell-release-tag')).toEqual([{ type: 'tell-release-tag', tag: TAG }]);
    expect(play.asked('publish-note')).toHaveLength(1);
    expect(play.change.alteredTags).toMatchObject([{ tag: TAG, standing: 'moved', sha: sha('b') }]);
    expect(nextStep(play.change)).toMatchObject({ who: 'operator', tone: 'attention' });
    expect(nextStep(play.change).what).toMatch(/release\/CHG-1 was made anew: it leads to bbbbbbbbbbbb/);
  });

  test('is told once, and again when it turns', () => {
    const play = released().record(moved).record(moved);
    expect(play.asked('tell-release-tag')).toEqual([]);
    play.record({ type: 'release-tag-seen', tag: TAG, standing: 'gone', made });
    expect(play.asked('tell-release-tag')).toHaveLength(1);
    expect(play.change.alteredTags).toMatchObject([{ standing: 'gone' }]);
    expect(play.change.alteredTags?.[0]).not.toHaveProperty('sha');
  });

  test('that was put right is told as well, and forgotten', () => {
    const play = released().record(moved).record(right);
    expect(play.asked('tell-release-tag')).toHaveLength(1);
    expect(play.change).not.toHaveProperty('alteredTags');
    expect(play.record(right).asked('tell-release-tag')).toEqual([]);
  });
});
