import { describe, expect, test } from 'vitest';
import { orderWaves } from '#domain/order-waves.ts';
import { watch } from '#src/config.ts';

const watched = (whenModified: string[], inputPaths = ['fin/prod/app', 'modules/vpc', 'shared/tags.yaml']) =>
  watch({ dir: 'fin/prod/app', whenModified, inputPaths, namedInputs: inputPaths });

describe('a project is touched', () => {
  test.each([
    ['fin/prod/app/main.tf', true],
    ['fin/prod/app/README.md', true],
    ['modules/vpc/main.tf', true],
    ['shared/tags.yaml', true],
    ['fin/prod/apple/main.tf', false],
    ['modules/other/main.tf', false],
  ])('by what it is made of, such as %s: %s', (path, is) => {
    expect(watched([])(path)).toBe(is);
  });

  test.each([
    [['*.tf', '!legacy.tf'], 'fin/prod/app/main.tf', true],
    [['*.tf', '!legacy.tf'], 'fin/prod/app/deep/main.tf', true],
    [['*.tf', '!legacy.tf'], 'fin/prod/app/legacy.tf', false],
    [['*.tf', '!legacy.tf'], 'fin/prod/app/README.md', false],
    [['/*.tf'], 'fin/prod/app/deep/main.tf', false],
    [['config/'], 'fin/prod/app/config/a.json', true],
    [['*.tf'], 'modules/vpc/main.tf', true],
    [['*.tf'], 'shared/tags.yaml', true],
    [['*.tf'], 'elsewhere/main.tf', false],
    [['*.TF'], 'fin/prod/app/main.tf', false],
    [['*.tf', '../../../policies/**/*.json'], 'policies/a/b.json', true],
    [['*.tf', '../../../policies/**/*.json'], 'policies/a/b.yaml', false],
    [['../*.hcl'], 'fin/prod/common.hcl', true],
    [['../*.hcl', '!../common.hcl'], 'fin/prod/common.hcl', false],
    [['../../..'], 'anything', false],
  ] as const)('by %j where %s changed: %s', (patterns, path, is) => {
    expect(watched([...patterns])(path)).toBe(is);
  });

  test('by what it names, when it computes what it reads and says itself which files matter', () => {
    const computed = { dir: 'a', inputPaths: ['.'], namedInputs: ['a', 'modules/x'] };
    expect(watch({ ...computed, whenModified: [] })('README.md')).toBe(true);
    expect(watch({ ...computed, whenModified: ['*.tf'] })('README.md')).toBe(false);
    expect(watch({ ...computed, whenModified: ['*.tf'] })('modules/x/main.tf')).toBe(true);
  });
});

describe('the waves of a change', () => {
  const project = (key: string, dependsOn: string[] = [], orderGroup = 0) => ({ key, dependsOn, orderGroup });
  const waves = (all: ReturnType<typeof project>[], touched: string[]) =>
    Object.fromEntries(
      [...orderWaves(all, new Set(touched))].map(([key, { wave, after }]) => [key, [wave, ...after]]),
    );

  test('are one where nobody waits for anybody', () => {
    expect(waves([project('a'), project('b')], ['a', 'b'])).toEqual({ a: [0], b: [0] });
  });

  test('follow what waits for what, also through projects that are not touched', () => {
    const all = [project('a'), project('b', ['a']), project('c', ['b']), project('d', ['a', 'c'])];
    expect(waves(all, ['a', 'b', 'c', 'd'])).toEqual({ a: [0], b: [1, 'a'], c: [2, 'b'], d: [3, 'a', 'c'] });
    expect(waves(all, ['a', 'c', 'd'])).toEqual({ a: [0], c: [1, 'a'], d: [2, 'a', 'c'] });
    expect(waves(all, ['b'])).toEqual({ b: [0] });
  });

  test('put a whole order group after those below it', () => {
    const all = [
      project('z', [], -1),
      project('y', ['z'], -1),
      project('a'),
      project('b', ['a']),
      project('c', ['a'], 7),
    ];
    expect(waves(all, ['a', 'b', 'c', 'y', 'z'])).toEqual({
      z: [0],
      y: [1, 'z'],
      a: [2],
      b: [3, 'a'],
      c: [4, 'a'],
    });
  });
});
