import { describe, expect, test } from 'vitest';
import { isNoise } from '#domain/plan/noise.ts';
import type { AttributePath } from '#domain/plan/redact-change.ts';
import type { ResourceSummary } from '#domain/plan/summarize.ts';

const VOLATILE = ['tags.LastApplied', 'tags_all.*', 'labels["example.com/updated.at"]', 'rules[0].seen'];

describe('a resource is noise', () => {
  test.each<[string, AttributePath[]]>([
    ['when its only difference is a volatile tag', [['tags', 'LastApplied']]],
    [
      'when all its differences are volatile',
      [
        ['tags', 'LastApplied'],
        ['tags_all', 'Owner'],
      ],
    ],
    ['when the difference is beneath a volatile path', [['tags_all', 'a', 'b']]],
    ['when a name with dots was written in quotes', [['labels', 'example.com/updated.at']]],
    ['when a place in a list was named', [['rules', 0, 'seen']]],
  ])('%s', (_, paths) => {
    expect(isNoise(changed(paths), VOLATILE)).toBe(true);
  });
});

describe('a resource is no noise', () => {
  test.each<[string, AttributePath[]]>([
    ['when one of its differences is not volatile', [['tags', 'LastApplied'], ['size']]],
    ['when another tag differs', [['tags', 'Owner']]],
    ['when the whole map differs and only what is in it was named', [['tags_all']]],
    ['when nothing can be said to differ', []],
  ])('%s', (_, paths) => {
    expect(isNoise(changed(paths), VOLATILE)).toBe(false);
  });

  test('when it is replaced, moved or imported, whatever differs', () => {
    const tag = changed([['tags', 'LastApplied']]);
    const [difference] = tag.changes;
    expect(isNoise({ ...tag, verb: 'replace' }, VOLATILE)).toBe(false);
    expect(isNoise({ ...tag, verb: 'create' }, VOLATILE)).toBe(false);
    expect(isNoise({ ...tag, previousAddress: 'a.old' }, VOLATILE)).toBe(false);
    expect(isNoise({ ...tag, importing: { id: 'i-1' } }, VOLATILE)).toBe(false);
    expect(
      isNoise({ ...tag, changes: difference ? [{ ...difference, forcesReplacement: true }] : [] }, VOLATILE),
    ).toBe(false);
  });

  test('when nothing was declared volatile', () => {
    expect(isNoise(changed([['tags', 'LastApplied']]), [])).toBe(false);
    expect(isNoise(changed([['tags', 'LastApplied']]), ['', '.'])).toBe(false);
  });
});

function changed(paths: AttributePath[]): ResourceSummary {
  return {
    address: 'aws_instance.a',
    type: 'aws_instance',
    name: 'a',
    provider: 'registry.terraform.io/hashicorp/aws',
    actions: ['update'],
    verb: 'update',
    changes: paths.map((path) => ({
      path,
      before: 'x',
      after: 'y',
      sensitive: false,
      unknown: false,
      forcesReplacement: false,
    })),
  };
}
